package storage

import (
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// The provisioners that StorageClasses name.
const (
	LocalProvisioner  = "local.agenttier.io"
	SharedProvisioner = "shared.agenttier.io"
)

// Classes returns the StorageClasses that Run serves, new objects at each call: `local`, which is the cluster's default and waits for
// a pod to choose the node, `local-immediate`, and `shared`.
func Classes() []*storagev1.StorageClass {
	local := class("local", LocalProvisioner, storagev1.VolumeBindingWaitForFirstConsumer)
	local.Annotations = map[string]string{"storageclass.kubernetes.io/is-default-class": "true"}
	return []*storagev1.StorageClass{
		local,
		class("local-immediate", LocalProvisioner, storagev1.VolumeBindingImmediate),
		class("shared", SharedProvisioner, storagev1.VolumeBindingImmediate),
	}
}

func class(name, provisioner string, binding storagev1.VolumeBindingMode) *storagev1.StorageClass {
	reclaim, expansion := corev1.PersistentVolumeReclaimDelete, true
	return &storagev1.StorageClass{
		TypeMeta:             metav1.TypeMeta{APIVersion: storagev1.SchemeGroupVersion.String(), Kind: "StorageClass"},
		ObjectMeta:           metav1.ObjectMeta{Name: name},
		Provisioner:          provisioner,
		ReclaimPolicy:        &reclaim,
		AllowVolumeExpansion: &expansion,
		VolumeBindingMode:    &binding,
	}
}
