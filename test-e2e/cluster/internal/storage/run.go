package storage

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"
)

// A failed step is tried again after firstRetry, then after twice as long each time, up to lastRetry.
const (
	firstRetry = 200 * time.Millisecond
	lastRetry  = 30 * time.Second
)

// Run makes, expands and deletes this node's volumes until ctx is done, which is no error. Failures of the API are tried again for ever.
//
// It must run as root. localDir and sharedDir are absolute paths that kubelet sees under the same names; they are made if missing, and
// sharedDir must be the same folder on all nodes. node is the node's name and the value of its label kubernetes.io/hostname. first
// is true on exactly one node of the cluster. Rights needed: get, list, watch on StorageClasses, claims, volumes and nodes, all verbs on
// volumes, patch on claims' status, create and patch on events.
func Run(ctx context.Context, cfg *rest.Config, node, localDir, sharedDir string, first bool) error {
	client, err := kubernetes.NewForConfig(cfg)
	if err != nil {
		return fmt.Errorf("client for the volumes of node %s: %w", node, err)
	}
	local, err := openFolders(localDir)
	if err != nil {
		return err
	}
	shared, err := openFolders(sharedDir)
	if err != nil {
		return err
	}
	return serve(ctx, client, provisioner{node: node, first: first, local: local, shared: shared})
}

func serve(ctx context.Context, client kubernetes.Interface, owner provisioner) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	factory := informers.NewSharedInformerFactory(client, 0)
	claims, volumes, classes := factory.Core().V1().PersistentVolumeClaims(), factory.Core().V1().PersistentVolumes(), factory.Storage().V1().StorageClasses()
	expander := &expander{
		owner: owner, client: client,
		claims: claims.Lister(), volumes: volumes.Lister(), classes: classes.Lister(),
		queue: workqueue.NewTypedRateLimitingQueue(workqueue.NewTypedItemExponentialFailureRateLimiter[string](firstRetry, lastRetry)),
	}
	if err := expander.watch(claims.Informer(), volumes.Informer()); err != nil {
		return fmt.Errorf("watch for the volumes of node %s: %w", owner.node, err)
	}
	library := controller.NewProvisionController(ctx, client, LocalProvisioner, owner,
		controller.AdditionalProvisionerNames([]string{SharedProvisioner}),
		controller.LeaderElection(false), // each node serves other volumes
		controller.AddFinalizer(true),    // no folder is left behind when someone deletes the volume first
		controller.FailedProvisionThreshold(0),
		controller.FailedDeleteThreshold(0),
		controller.RateLimiter(workqueue.NewTypedItemExponentialFailureRateLimiter[string](firstRetry, lastRetry)),
		controller.CreateProvisionedPVInterval(time.Second),
		controller.ClaimsInformer(claims.Informer()),
		controller.VolumesInformer(volumes.Informer()),
		controller.ClassesInformer(classes.Informer()),
	)
	factory.Start(ctx.Done())
	defer factory.Shutdown()
	defer cancel() // Shutdown waits for informers that end with ctx
	for kind, synced := range factory.WaitForCacheSync(ctx.Done()) {
		if !synced && ctx.Err() == nil {
			return fmt.Errorf("the first list of %s for the volumes of node %s did not end", kind, owner.node)
		}
	}
	expanded := make(chan struct{})
	go func() {
		defer close(expanded)
		expander.run(ctx)
	}()
	library.Run(ctx)
	cancel()
	<-expanded
	return nil
}

// watch fills the queue with each claim that is new or changed, or whose volume is.
func (e *expander) watch(claims, volumes cache.SharedIndexInformer) error {
	claimSeen := func(object any) {
		if key, err := cache.MetaNamespaceKeyFunc(object); err == nil {
			e.queue.Add(key)
		}
	}
	volumeSeen := func(object any) {
		if volume, ok := object.(*corev1.PersistentVolume); ok && volume.Spec.ClaimRef != nil {
			e.queue.Add(volume.Spec.ClaimRef.Namespace + "/" + volume.Spec.ClaimRef.Name)
		}
	}
	if _, err := claims.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: claimSeen, UpdateFunc: func(_, after any) { claimSeen(after) },
	}); err != nil {
		return err
	}
	_, err := volumes.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: volumeSeen, UpdateFunc: func(_, after any) { volumeSeen(after) },
	})
	return err
}
