package io.agenttier.api;

import org.jspecify.annotations.Nullable;

/**
 * The workspace volume of a sandbox.
 *
 * @param size Size of the volume; 10Gi when no layer sets it. It can grow, never shrink.
 * @param storageClass StorageClass of the volume claim; the empty string means the default class of the cluster.
 *     Fixed after creation.
 * @param mountPath Where the volume is mounted and the root of files; /workspace when no layer sets it. Absolute,
 *     not / and not below /proc, /sys or /dev. Fixed after creation.
 * @param snapshotOnStop True to take a VolumeSnapshot before each stop. Not with ephemeral.
 * @param shared True for a volume that several nodes can mount (ReadWriteMany). Not with ephemeral; fixed after
 *     creation.
 * @param ephemeral True for a scratch volume instead of a volume claim: its content ends with the pod. Fixed after
 *     creation.
 */
public record Storage(
        @Nullable String size,
        @Nullable String storageClass,
        @Nullable String mountPath,
        @Nullable Boolean snapshotOnStop,
        @Nullable Boolean shared,
        @Nullable Boolean ephemeral) {}
