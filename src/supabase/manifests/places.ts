/** Where the ConfigMap's files are in the pod. */
export const scriptsDirectory = '/scripts';

/** Where the Secret's certificates are in the pod, as far as it has any. */
export const tlsDirectory = '/tls';

/** A place to write to: the rest of the file system is read-only. */
export const temporaryDirectory = '/tmp';

/** Where kubelet looks for the last words of a container. */
export const terminationMessagePath = '/dev/termination-log';
