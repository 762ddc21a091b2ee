package storage

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"
)

const selectedNodeAnnotation = "volume.kubernetes.io/selected-node"

// provisioner is one node's part in making and deleting volumes.
type provisioner struct {
	node          string
	first         bool
	local, shared folders
}

var (
	_ controller.Provisioner   = provisioner{}
	_ controller.Qualifier     = provisioner{}
	_ controller.DeletionGuard = provisioner{}
)

// ShouldProvision says whether this node serves the claim: the one the scheduler chose does, the first if there was no choice.
func (p provisioner) ShouldProvision(_ context.Context, claim *corev1.PersistentVolumeClaim) bool {
	if selected := claim.Annotations[selectedNodeAnnotation]; selected != "" {
		return selected == p.node
	}
	return p.first
}

// ShouldDelete says whether the volume's folder is this node's to delete.
func (p provisioner) ShouldDelete(_ context.Context, volume *corev1.PersistentVolume) bool {
	return p.owns(volume)
}

// owns follows from the volume alone: a local one names its node, the others belong to the first.
func (p provisioner) owns(volume *corev1.PersistentVolume) bool {
	switch volume.Annotations[provisionedByAnnotation] {
	case LocalProvisioner:
		return slices.Contains(nodesOf(volume), p.node)
	case SharedProvisioner:
		return p.first
	default:
		return false
	}
}

// provisionedByAnnotation is set by the library on every volume; its value is the provisioner of the class.
const provisionedByAnnotation = "pv.kubernetes.io/provisioned-by"

// Provision makes the folder and describes the volume. What cannot be kept is refused: an empty volume in place of a clone, or a
// folder of one node in place of one that many nodes write.
func (p provisioner) Provision(_ context.Context, options controller.ProvisionOptions) (*corev1.PersistentVolume, controller.ProvisioningState, error) {
	finished := controller.ProvisioningFinished
	if err := refusal(options); err != nil {
		return nil, finished, err
	}
	folders := p.local
	if options.StorageClass.Provisioner == SharedProvisioner {
		folders = p.shared
	}
	if err := folders.create(options.PVName); err != nil {
		return nil, finished, fmt.Errorf("folder of volume %s: %w", options.PVName, err)
	}
	volume := volumeFor(options, folders.path(options.PVName))
	if options.StorageClass.Provisioner == LocalProvisioner {
		volume.Spec.NodeAffinity = onlyOn(p.node)
	}
	return volume, finished, nil
}

// Delete removes the folder of a volume that Provision made.
func (p provisioner) Delete(_ context.Context, volume *corev1.PersistentVolume) error {
	if !p.owns(volume) {
		return &controller.IgnoredError{Reason: fmt.Sprintf("volume %s belongs to another node than %s", volume.Name, p.node)}
	}
	folders := p.local
	if volume.Annotations[provisionedByAnnotation] == SharedProvisioner {
		folders = p.shared
	}
	expected := folders.path(volume.Name)
	if volume.Spec.HostPath == nil || volume.Spec.HostPath.Path != expected {
		return fmt.Errorf("volume %s is not deleted: its hostPath is %v; expected %s", volume.Name, volume.Spec.HostPath, expected)
	}
	if err := folders.delete(volume.Name); err != nil {
		return fmt.Errorf("folder of volume %s: %w", volume.Name, err)
	}
	return nil
}

func refusal(options controller.ProvisionOptions) error {
	claim := options.PVC.Spec
	if claim.DataSource != nil || claim.DataSourceRef != nil {
		return fmt.Errorf("class %s cannot fill a volume from spec.dataSource; leave it out for an empty volume", options.StorageClass.Name)
	}
	if claim.Selector != nil {
		return fmt.Errorf("class %s makes new volumes, which match no spec.selector; leave it out", options.StorageClass.Name)
	}
	if options.StorageClass.Provisioner == LocalProvisioner {
		for _, mode := range claim.AccessModes {
			if mode != corev1.ReadWriteOnce && mode != corev1.ReadWriteOncePod {
				return fmt.Errorf("class %s keeps a volume on one node, so access mode %s is not possible; use ReadWriteOnce, or class shared",
					options.StorageClass.Name, mode)
			}
		}
	}
	return nil
}

func volumeFor(options controller.ProvisionOptions, path string) *corev1.PersistentVolume {
	directory, reclaim := corev1.HostPathDirectory, corev1.PersistentVolumeReclaimDelete
	if options.StorageClass.ReclaimPolicy != nil {
		reclaim = *options.StorageClass.ReclaimPolicy
	}
	return &corev1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: options.PVName},
		Spec: corev1.PersistentVolumeSpec{
			PersistentVolumeReclaimPolicy: reclaim,
			AccessModes:                   options.PVC.Spec.AccessModes,
			VolumeMode:                    options.PVC.Spec.VolumeMode,
			Capacity: corev1.ResourceList{
				corev1.ResourceStorage: options.PVC.Spec.Resources.Requests[corev1.ResourceStorage],
			},
			PersistentVolumeSource: corev1.PersistentVolumeSource{
				HostPath: &corev1.HostPathVolumeSource{Path: path, Type: &directory},
			},
		},
	}
}

func onlyOn(node string) *corev1.VolumeNodeAffinity {
	return &corev1.VolumeNodeAffinity{Required: &corev1.NodeSelector{NodeSelectorTerms: []corev1.NodeSelectorTerm{{
		MatchExpressions: []corev1.NodeSelectorRequirement{{
			Key: corev1.LabelHostname, Operator: corev1.NodeSelectorOpIn, Values: []string{node},
		}},
	}}}}
}

// nodesOf reads what onlyOn wrote.
func nodesOf(volume *corev1.PersistentVolume) []string {
	if volume.Spec.NodeAffinity == nil || volume.Spec.NodeAffinity.Required == nil {
		return nil
	}
	var nodes []string
	for _, term := range volume.Spec.NodeAffinity.Required.NodeSelectorTerms {
		for _, requirement := range term.MatchExpressions {
			if requirement.Key == corev1.LabelHostname && requirement.Operator == corev1.NodeSelectorOpIn {
				nodes = append(nodes, requirement.Values...)
			}
		}
	}
	return nodes
}
