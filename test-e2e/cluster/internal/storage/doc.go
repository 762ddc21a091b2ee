// Package storage gives the local cluster dynamic volumes: folders of the machine behind hostPath PersistentVolumes.
//
// Three classes, see [Classes]: `local` (the default) and `local-immediate` make a folder on one node and tie the volume to that node;
// `shared` makes a folder that every node sees, for ReadWriteMany. All of them delete the folder with the volume and allow expansion,
// which changes the recorded size only: sizes are not enforced.
//
// Every node runs [Run] for its own volumes: those of claims that the scheduler sent to it. One node, the first, also serves claims
// without a scheduler's choice (`local-immediate`) and the shared ones. Nothing is remembered between runs: what has to be done
// follows from claims, volumes and folders alone, and each step may be repeated.
//
// A volume's folder has the volume's name and mode 0777, because fsGroup does not apply to hostPath and pods rarely run as root. The
// base folder above is closed to everyone but root, so only pods that mount a volume get into it. What pods leave behind in a folder is
// hostile: it is deleted through os.Root, which never follows a symbolic link out.
package storage
