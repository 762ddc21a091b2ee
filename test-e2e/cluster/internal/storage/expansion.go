package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
	storagelisters "k8s.io/client-go/listers/storage/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
)

// expander answers claims that ask for more than their volume has by writing the size asked for into volume and claim.
type expander struct {
	owner   provisioner
	client  kubernetes.Interface
	claims  corelisters.PersistentVolumeClaimLister
	volumes corelisters.PersistentVolumeLister
	classes storagelisters.StorageClassLister
	queue   workqueue.TypedRateLimitingInterface[string]
}

// expansion says which sizes are to be written; volume first, so that a claim never shows more than its volume has.
type expansion struct {
	volume, claim bool
	size          resource.Quantity
}

// decideExpansion is the whole decision. Nothing is done for a claim that is not bound to this very volume, whose class does not allow
// expansion, or that asks for no more than it has: volumes never shrink.
func decideExpansion(claim *corev1.PersistentVolumeClaim, volume *corev1.PersistentVolume, class *storagev1.StorageClass) expansion {
	bound := claim.Status.Phase == corev1.ClaimBound && claim.DeletionTimestamp == nil && volume.Spec.ClaimRef != nil && volume.Spec.ClaimRef.UID == claim.UID
	if !bound || class.AllowVolumeExpansion == nil || !*class.AllowVolumeExpansion {
		return expansion{}
	}
	asked := claim.Spec.Resources.Requests[corev1.ResourceStorage]
	has, shown := volume.Spec.Capacity[corev1.ResourceStorage], claim.Status.Capacity[corev1.ResourceStorage]
	return expansion{volume: asked.Cmp(has) > 0, claim: asked.Cmp(shown) > 0, size: asked}
}

// run works until ctx is done; failures are tried again with growing pauses.
func (e *expander) run(ctx context.Context) {
	stop := context.AfterFunc(ctx, e.queue.ShutDown)
	defer stop()
	for {
		key, closed := e.queue.Get()
		if closed {
			return
		}
		switch err := e.expand(ctx, key); {
		case err == nil || ctx.Err() != nil:
			e.queue.Forget(key)
		case apierrors.IsConflict(err): // the cache lags behind, as it does whenever someone else has just written
			e.queue.AddRateLimited(key)
		default:
			slog.Warn("volume not expanded, will be tried again", "claim", key, "error", err)
			e.queue.AddRateLimited(key)
		}
		e.queue.Done(key)
	}
}

// expand brings the claim with this key, "namespace/name", to the size it asks for.
func (e *expander) expand(ctx context.Context, key string) error {
	namespace, name, err := cache.SplitMetaNamespaceKey(key)
	if err != nil {
		return err
	}
	claim, err := e.claims.PersistentVolumeClaims(namespace).Get(name)
	if err != nil {
		return ignoreNotFound(err)
	}
	if claim.Spec.VolumeName == "" || claim.Spec.StorageClassName == nil {
		return nil
	}
	volume, err := e.volumes.Get(claim.Spec.VolumeName)
	if err != nil {
		return ignoreNotFound(err)
	}
	if !e.owner.owns(volume) {
		return nil
	}
	class, err := e.classes.Get(*claim.Spec.StorageClassName)
	if err != nil {
		return ignoreNotFound(err)
	}
	return e.write(ctx, claim, volume, decideExpansion(claim, volume, class))
}

func (e *expander) write(ctx context.Context, claim *corev1.PersistentVolumeClaim, volume *corev1.PersistentVolume, todo expansion) error {
	capacity := corev1.ResourceList{corev1.ResourceStorage: todo.size}
	if todo.volume {
		patch, err := mergePatch(volume.ResourceVersion, "spec", map[string]any{"capacity": capacity})
		if err != nil {
			return err
		}
		if _, err := e.client.CoreV1().PersistentVolumes().Patch(ctx, volume.Name, types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
			return fmt.Errorf("capacity of volume %s to %s: %w", volume.Name, todo.size.String(), err)
		}
	}
	if todo.claim {
		patch, err := mergePatch(claim.ResourceVersion, "status", map[string]any{"capacity": capacity, "conditions": otherConditions(claim)})
		if err != nil {
			return err
		}
		claims := e.client.CoreV1().PersistentVolumeClaims(claim.Namespace)
		if _, err := claims.Patch(ctx, claim.Name, types.MergePatchType, patch, metav1.PatchOptions{}, "status"); err != nil {
			return fmt.Errorf("capacity of claim %s/%s to %s: %w", claim.Namespace, claim.Name, todo.size.String(), err)
		}
	}
	return nil
}

// otherConditions are the claim's conditions but those that tell of a resize under way.
func otherConditions(claim *corev1.PersistentVolumeClaim) []corev1.PersistentVolumeClaimCondition {
	return slices.DeleteFunc(slices.Clone(claim.Status.Conditions), func(condition corev1.PersistentVolumeClaimCondition) bool {
		return condition.Type == corev1.PersistentVolumeClaimResizing || condition.Type == corev1.PersistentVolumeClaimFileSystemResizePending
	})
}

// mergePatch changes one top-level field, and only if the object still has the version that the decision was made for.
func mergePatch(version, field string, value map[string]any) ([]byte, error) {
	return json.Marshal(map[string]any{"metadata": map[string]any{"resourceVersion": version}, field: value})
}

func ignoreNotFound(err error) error {
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
