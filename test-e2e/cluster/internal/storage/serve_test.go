package storage

import (
	"context"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes/fake"
)

// served runs p over a fake API with the classes and objects until the test ends.
func served(t *testing.T, p provisioner, objects ...runtime.Object) *fake.Clientset {
	t.Helper()
	for _, class := range Classes() {
		objects = append(objects, class)
	}
	client := fake.NewClientset(objects...)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- serve(ctx, client, p) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return client
}

func eventually(t *testing.T, what string, holds func(ctx context.Context) bool) {
	t.Helper()
	err := wait.PollUntilContextTimeout(context.Background(), 10*time.Millisecond, 20*time.Second, true, func(ctx context.Context) (bool, error) {
		return holds(ctx), nil
	})
	if err != nil {
		t.Fatalf("it did not come about that %s", what)
	}
}

func TestAClaimGetsAFolderAndLosesItWithTheVolume(t *testing.T) {
	p := testProvisioner(t, "node1", false)
	claim := claimOf("local", "data", corev1.ReadWriteOnce)
	claim.Annotations["volume.kubernetes.io/storage-provisioner"] = LocalProvisioner
	claim.Annotations[selectedNodeAnnotation] = "node1"
	client := served(t, p, claim)
	volumes := client.CoreV1().PersistentVolumes()

	var volume *corev1.PersistentVolume
	eventually(t, "a volume for the claim exists", func(ctx context.Context) (found bool) {
		var err error
		volume, err = volumes.Get(ctx, "pvc-uid-1", metav1.GetOptions{})
		return err == nil
	})
	if !exists(p.local.path("pvc-uid-1")) || volume.Spec.ClaimRef == nil || volume.Spec.StorageClassName != "local" {
		t.Errorf("folder there = %v, volume %+v", exists(p.local.path("pvc-uid-1")), volume.Spec)
	}

	volume.Status.Phase = corev1.VolumeReleased
	if _, err := volumes.UpdateStatus(context.Background(), volume, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the volume and its folder are gone", func(ctx context.Context) bool {
		_, err := volumes.Get(ctx, "pvc-uid-1", metav1.GetOptions{})
		return apierrors.IsNotFound(err) && !exists(p.local.path("pvc-uid-1"))
	})
}

func TestAClaimThatAsksForMoreGetsItInVolumeAndStatus(t *testing.T) {
	p := testProvisioner(t, "node1", true)
	claim := claimOf("shared", "data", corev1.ReadWriteMany)
	volume := provisioned(t, p, claim)
	claim.Spec.VolumeName = volume.Name
	claim.Spec.Resources.Requests = storage("3Gi")
	claim.Status = corev1.PersistentVolumeClaimStatus{Phase: corev1.ClaimBound, Capacity: storage("1Gi"), Conditions: []corev1.PersistentVolumeClaimCondition{
		{Type: corev1.PersistentVolumeClaimResizing, Status: corev1.ConditionTrue}, {Type: corev1.PersistentVolumeClaimControllerResizeError},
	}}
	client := served(t, p, claim, volume)
	eventually(t, "volume and claim show 3Gi", func(ctx context.Context) bool {
		v, errV := client.CoreV1().PersistentVolumes().Get(ctx, volume.Name, metav1.GetOptions{})
		c, errC := client.CoreV1().PersistentVolumeClaims("lab").Get(ctx, "data", metav1.GetOptions{})
		if errV != nil || errC != nil {
			return false
		}
		has, shown := v.Spec.Capacity[corev1.ResourceStorage], c.Status.Capacity[corev1.ResourceStorage]
		return has.String() == "3Gi" && shown.String() == "3Gi" && len(c.Status.Conditions) == 1 && c.Status.Conditions[0].Type == corev1.PersistentVolumeClaimControllerResizeError
	})
}

func TestExpansionIsDecidedByClaimVolumeAndClass(t *testing.T) {
	no := false
	for name, test := range map[string]struct {
		change        func(*corev1.PersistentVolumeClaim, *corev1.PersistentVolume, *storagev1.StorageClass)
		volume, claim bool
	}{
		"asks for more": {func(*corev1.PersistentVolumeClaim, *corev1.PersistentVolume, *storagev1.StorageClass) {}, true, true},
		"volume done before a restart": {func(_ *corev1.PersistentVolumeClaim, v *corev1.PersistentVolume, _ *storagev1.StorageClass) {
			v.Spec.Capacity = storage("2Gi")
		}, false, true},
		"done": {func(c *corev1.PersistentVolumeClaim, v *corev1.PersistentVolume, _ *storagev1.StorageClass) {
			v.Spec.Capacity, c.Status.Capacity = storage("2Gi"), storage("2Gi")
		}, false, false},
		"asks for less": {func(c *corev1.PersistentVolumeClaim, _ *corev1.PersistentVolume, _ *storagev1.StorageClass) {
			c.Spec.Resources.Requests = storage("512Mi")
		}, false, false},
		"class forbids": {func(_ *corev1.PersistentVolumeClaim, _ *corev1.PersistentVolume, s *storagev1.StorageClass) {
			s.AllowVolumeExpansion = &no
		}, false, false},
		"not bound": {func(c *corev1.PersistentVolumeClaim, _ *corev1.PersistentVolume, _ *storagev1.StorageClass) {
			c.Status.Phase = corev1.ClaimPending
		}, false, false},
		"volume of an earlier claim of that name": {func(_ *corev1.PersistentVolumeClaim, v *corev1.PersistentVolume, _ *storagev1.StorageClass) {
			v.Spec.ClaimRef.UID = "earlier"
		}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			claim, class := claimOf("local", "data"), Classes()[0]
			claim.Spec.Resources.Requests = storage("2Gi")
			claim.Status = corev1.PersistentVolumeClaimStatus{Phase: corev1.ClaimBound, Capacity: storage("1Gi")}
			volume := &corev1.PersistentVolume{Spec: corev1.PersistentVolumeSpec{Capacity: storage("1Gi"), ClaimRef: &corev1.ObjectReference{UID: claim.UID}}}
			test.change(claim, volume, class)
			got := decideExpansion(claim, volume, class)
			if got.volume != test.volume || got.claim != test.claim {
				t.Errorf("writes volume = %v, claim = %v; want %v, %v", got.volume, got.claim, test.volume, test.claim)
			}
		})
	}
}
