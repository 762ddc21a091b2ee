#!/bin/sh
# kubectl sandbox: starts the plugin in its own Java runtime, from the folder beside this file (symbolic links are followed).
self=$0
while [ -L "$self" ]; do
    target=$(readlink "$self")
    case $target in
        /*) self=$target ;;
        *) self=${self%/*}/$target ;;
    esac
done
case $self in
    */*) here=${self%/*} ;;
    *) here=. ;;
esac
home=$here/lib/@FOLDER@
terminal_in=false
terminal_err=false
[ -t 0 ] && terminal_in=true
[ -t 2 ] && terminal_err=true
unset JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS CLASSPATH
exec "$home/runtime/bin/java" @FLAGS@ -Xlog:disable -XX:AOTCache="$home/plugin.aot" \
    -Djavax.net.ssl.trustStore="$home/runtime/lib/security/public-authorities" \
    -Dagenttier.terminal.in=$terminal_in -Dagenttier.terminal.err=$terminal_err \
    -cp "$home/app/plugin.jar:$home/app/crds.jar:$home/app/jackson-core.jar:$home/app/picocli.jar:$home/app/snakeyaml-engine.jar" \
    io.agenttier.cli.Main "$@"
