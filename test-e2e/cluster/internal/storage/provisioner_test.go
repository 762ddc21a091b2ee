package storage

import (
	"context"
	"errors"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"
)

func testProvisioner(t *testing.T, node string, first bool) provisioner {
	return provisioner{node: node, first: first, local: temporary(t), shared: temporary(t)}
}

func storage(size string) corev1.ResourceList {
	return corev1.ResourceList{corev1.ResourceStorage: resource.MustParse(size)}
}

// claimOf makes a claim of 1Gi with UID uid-1.
func claimOf(class, name string, modes ...corev1.PersistentVolumeAccessMode) *corev1.PersistentVolumeClaim {
	return &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Namespace: "lab", Name: name, UID: "uid-1", Annotations: map[string]string{}},
		Spec: corev1.PersistentVolumeClaimSpec{
			StorageClassName: &class, AccessModes: modes,
			Resources: corev1.VolumeResourceRequirements{Requests: storage("1Gi")},
		},
	}
}

func optionsFor(claim *corev1.PersistentVolumeClaim) controller.ProvisionOptions {
	for _, class := range Classes() {
		if class.Name == *claim.Spec.StorageClassName {
			return controller.ProvisionOptions{StorageClass: class, PVName: "pvc-uid-1", PVC: claim}
		}
	}
	return controller.ProvisionOptions{}
}

// provisioned is the volume as the library stores it.
func provisioned(t *testing.T, p provisioner, claim *corev1.PersistentVolumeClaim) *corev1.PersistentVolume {
	t.Helper()
	options := optionsFor(claim)
	volume, _, err := p.Provision(context.Background(), options)
	if err != nil {
		t.Fatal(err)
	}
	volume.Annotations = map[string]string{provisionedByAnnotation: options.StorageClass.Provisioner}
	volume.Spec.StorageClassName = options.StorageClass.Name
	volume.Spec.ClaimRef = &corev1.ObjectReference{Kind: "PersistentVolumeClaim", Namespace: claim.Namespace, Name: claim.Name, UID: claim.UID}
	return volume
}

func TestALocalVolumeIsAFolderOnTheNodeAndDiesWithIt(t *testing.T) {
	p := testProvisioner(t, "node1", false)
	volume := provisioned(t, p, claimOf("local", "data", corev1.ReadWriteOnce))
	path := p.local.path("pvc-uid-1")
	if volume.Spec.HostPath.Path != path || *volume.Spec.HostPath.Type != corev1.HostPathDirectory || !exists(path) {
		t.Errorf("hostPath %v, folder there = %v; want Directory %s", volume.Spec.HostPath, exists(path), path)
	}
	if nodes := nodesOf(volume); len(nodes) != 1 || nodes[0] != "node1" {
		t.Errorf("tied to nodes %v, want node1", nodes)
	}
	if size := volume.Spec.Capacity[corev1.ResourceStorage]; size.String() != "1Gi" {
		t.Errorf("capacity %s, want 1Gi", size.String())
	}
	if err := p.Delete(context.Background(), volume); err != nil || exists(path) {
		t.Errorf("Delete: %v, folder there = %v", err, exists(path))
	}
}

func TestASharedVolumeIsTiedToNoNode(t *testing.T) {
	p := testProvisioner(t, "node1", true)
	volume := provisioned(t, p, claimOf("shared", "data", corev1.ReadWriteMany))
	if volume.Spec.NodeAffinity != nil || volume.Spec.HostPath.Path != p.shared.path("pvc-uid-1") {
		t.Errorf("affinity %v, path %s", volume.Spec.NodeAffinity, volume.Spec.HostPath.Path)
	}
}

func TestExactlyOneNodeServesAClaim(t *testing.T) {
	first, second := testProvisioner(t, "node1", true), testProvisioner(t, "node2", false)
	for selected, want := range map[string][2]bool{"": {true, false}, "node1": {true, false}, "node2": {false, true}, "node3": {false, false}} {
		claim := claimOf("local", "data")
		if selected != "" {
			claim.Annotations[selectedNodeAnnotation] = selected
		}
		if got := [2]bool{first.ShouldProvision(context.Background(), claim), second.ShouldProvision(context.Background(), claim)}; got != want {
			t.Errorf("selected node %q: served by node1, node2 = %v, want %v", selected, got, want)
		}
	}
}

func TestExactlyOneNodeDeletesAVolume(t *testing.T) {
	first, second := testProvisioner(t, "node1", true), testProvisioner(t, "node2", false)
	local := provisioned(t, second, claimOf("local", "data", corev1.ReadWriteOnce))
	shared := provisioned(t, first, claimOf("shared", "data", corev1.ReadWriteMany))
	foreign := local.DeepCopy()
	foreign.Annotations[provisionedByAnnotation] = "disk.example.com"
	for _, check := range []struct {
		volume *corev1.PersistentVolume
		want   [2]bool
	}{{local, [2]bool{false, true}}, {shared, [2]bool{true, false}}, {foreign, [2]bool{false, false}}} {
		if got := [2]bool{first.owns(check.volume), second.owns(check.volume)}; got != check.want {
			t.Errorf("%s: owned by node1, node2 = %v, want %v", check.volume.Spec.HostPath.Path, got, check.want)
		}
	}
	var ignored *controller.IgnoredError
	if err := first.Delete(context.Background(), local); !errors.As(err, &ignored) {
		t.Errorf("deleting another node's volume: %v, want IgnoredError", err)
	}
}

func TestAVolumeThatPointsElsewhereIsNotDeleted(t *testing.T) {
	p := testProvisioner(t, "node1", true)
	volume := provisioned(t, p, claimOf("local", "data", corev1.ReadWriteOnce))
	outside := t.TempDir()
	volume.Spec.HostPath.Path = outside
	if err := p.Delete(context.Background(), volume); err == nil || !strings.Contains(err.Error(), outside) {
		t.Errorf("Delete: %v, want an error that names %s", err, outside)
	}
	if !exists(outside) || !exists(p.local.path("pvc-uid-1")) {
		t.Error("something was deleted")
	}
}

func TestClaimsThatCannotBeKeptAreRefusedWithTheReason(t *testing.T) {
	snapshot := &corev1.TypedLocalObjectReference{Kind: "VolumeSnapshot", Name: "nightly"}
	for name, test := range map[string]struct {
		class, says string
		mode        corev1.PersistentVolumeAccessMode
		change      func(*corev1.PersistentVolumeClaimSpec)
	}{
		"many writers on one node": {"local", "ReadWriteMany", corev1.ReadWriteMany, func(*corev1.PersistentVolumeClaimSpec) {}},
		"many readers on one node": {"local-immediate", "ReadOnlyMany", corev1.ReadOnlyMany, func(*corev1.PersistentVolumeClaimSpec) {}},
		"clone":                    {"local", "dataSource", corev1.ReadWriteOnce, func(s *corev1.PersistentVolumeClaimSpec) { s.DataSource = snapshot }},
		"populator": {"shared", "dataSource", corev1.ReadWriteMany, func(s *corev1.PersistentVolumeClaimSpec) {
			s.DataSourceRef = &corev1.TypedObjectReference{Kind: "Import", Name: "x"}
		}},
		"selector": {"local", "selector", corev1.ReadWriteOnce, func(s *corev1.PersistentVolumeClaimSpec) { s.Selector = &metav1.LabelSelector{} }},
	} {
		t.Run(name, func(t *testing.T) {
			p := testProvisioner(t, "node1", true)
			claim := claimOf(test.class, "data", test.mode)
			test.change(&claim.Spec)
			_, state, err := p.Provision(context.Background(), optionsFor(claim))
			if err == nil || !strings.Contains(err.Error(), test.says) || state != controller.ProvisioningFinished {
				t.Errorf("state %s, error %v; want Finished and one that says %q", state, err, test.says)
			}
			if exists(p.local.path("pvc-uid-1")) || exists(p.shared.path("pvc-uid-1")) {
				t.Error("a folder was left behind")
			}
		})
	}
}

func TestThereIsOneDefaultClassAndAllAllowExpansion(t *testing.T) {
	defaults := 0
	for _, class := range Classes() {
		if class.Annotations["storageclass.kubernetes.io/is-default-class"] == "true" {
			defaults++
		}
		if class.AllowVolumeExpansion == nil || !*class.AllowVolumeExpansion {
			t.Errorf("class %s does not allow expansion", class.Name)
		}
	}
	if defaults != 1 {
		t.Errorf("%d default classes, want 1", defaults)
	}
}
