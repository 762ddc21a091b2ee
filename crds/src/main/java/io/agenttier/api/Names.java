package io.agenttier.api;

import java.util.Optional;
import java.util.regex.Pattern;

/** Names of the objects that are made for a sandbox. Derived, so that a repeated attempt finds its own objects. */
public final class Names {
    /** Longest name of a sandbox: a label value. */
    public static final int SANDBOX_MAX = 63;
    /** Longest name of a sandbox with ports, whose Services are named {@code pf-<name>-<port>}. */
    public static final int SANDBOX_WITH_PORTS_MAX = 54;
    /** Main container of the pod. */
    public static final String CONTAINER = "sandbox";
    /** The policy that closes all pods of a namespace; the policies of sandboxes add allowances. */
    public static final String DEFAULT_DENY = "agenttier-default-deny";
    /** ConfigMap of the installation namespace with the defaults of the cluster. */
    public static final String CLUSTER_DEFAULTS = "agenttier-defaults";
    /** Lease of the controller in the installation namespace. */
    public static final String CONTROLLER_LEASE = "agenttier-controller";
    /** MutatingWebhookConfiguration that stamps who made a sandbox. */
    public static final String MUTATING_WEBHOOK = "msandbox.agenttier.io";
    /** ValidatingWebhookConfiguration that judges sandboxes and templates. */
    public static final String VALIDATING_WEBHOOK = "vsandbox.agenttier.io";
    /** Key of a pod's Secret: private key of its daemon, PEM. */
    public static final String KEY_TLS_KEY = "tls.key";
    /** Key of a pod's Secret: certificate of its daemon, PEM. */
    public static final String KEY_TLS_CERT = "tls.crt";
    /** Key of a pod's Secret: public certificate of the CA, PEM. */
    public static final String KEY_CA_CERT = "ca.crt";
    /** Key of a pod's Secret: start plan of its daemon. */
    public static final String KEY_START_PLAN = "start.json";

    private static final Pattern PORT_NAME = Pattern.compile("pf-(.+)-[0-9]{1,5}");

    private Names() {}

    /** The pod of a cold start. */
    public static String podName(String sandbox) {
        return sandbox + "-pod";
    }

    /** The pod of a cold start while an older pod of the usual name is still terminating. */
    public static String podName(String sandbox, String incarnation) {
        return sandbox + "-pod-" + incarnation;
    }

    /** The volume claim of a cold start. */
    public static String pvcName(String sandbox) {
        return sandbox + "-workspace";
    }

    /** The NetworkPolicy with the allowances of a sandbox. */
    public static String netpolName(String sandbox) {
        return sandbox + "-netpol";
    }

    /** The ServiceAccount of a sandbox that names none. */
    public static String serviceAccountName(String sandbox) {
        return sandbox + "-sa";
    }

    /** The Secret of one pod of a sandbox. */
    public static String secretName(String sandbox, String incarnation) {
        return sandbox + "-" + incarnation;
    }

    /** The Service of a declared port, and its Ingress. */
    public static String portName(String sandbox, int port) {
        return "pf-" + sandbox + "-" + port;
    }

    /** The sandbox whose port has a Service or Ingress of that name; empty if the name is none of those. */
    public static Optional<String> sandboxOfPortName(String name) {
        var match = PORT_NAME.matcher(name);
        return match.matches() ? Optional.of(match.group(1)) : Optional.empty();
    }
}
