#!/bin/sh
# Packages kubectl-sandbox: package.sh OUTPUT_FOLDER, after "mvn package" of this module.
#
# Makes OUTPUT_FOLDER/kubectl-sandbox (launcher) and OUTPUT_FOLDER/lib/kubectl-sandbox-<hash>/ (Java runtime, jars, AOT cache).
# The hash is over everything that goes in, and a folder once made is never changed: an AOT cache beside other jars would run old code unnoticed.
set -eu

if [ $# -ne 1 ]; then
    echo "usage: $0 OUTPUT_FOLDER" >&2
    exit 2
fi
module=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1/lib"
out=$(cd "$1" && pwd)
java_home=${JAVA_HOME:?set JAVA_HOME to a JDK 25}
bin=$java_home/bin
target=$module/target
# AOTReplayTraining would compile at each start what was hot in the training run; picocli would look for types that no option of ours has;
# constructors called by reflection would each make a class at run time, which no AOT cache holds
flags="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData -XX:+UnlockDiagnosticVMOptions -XX:-AOTReplayTraining -Djdk.reflect.useNativeAccessorOnly=true -Dpicocli.converters.excludes=java[.].*"

one() {
    # the only file of that pattern
    if [ $# -ne 1 ] || [ ! -f "$1" ]; then
        echo "$0: expected exactly one of $*: run \"mvn -pl kubectl-plugin clean package\" first" >&2
        exit 1
    fi
    printf '%s\n' "$1"
}
plugin=$(one "$target"/agenttier-kubectl-plugin-*.jar)
crds=$(one "$target"/lib/agenttier-crds-*.jar)
jackson=$(one "$target"/lib/jackson-core-*.jar)
snakeyaml=$(one "$target"/lib/snakeyaml-engine-*.jar)
picocli=$(one "$target"/picocli/picocli-sources.jar)

hash=$(cat "$plugin" "$crds" "$jackson" "$snakeyaml" "$picocli" "$0" "$module"/packaging/* "$java_home/release" | sha256sum | cut -c1-16)
folder=kubectl-sandbox-$hash

launcher() {
    sed -e "s|@FOLDER@|$folder|" -e "s|@FLAGS@|$flags|" "$module/packaging/launcher.sh" > "$out/.kubectl-sandbox.$$"
    chmod 755 "$out/.kubectl-sandbox.$$"
    mv -f "$out/.kubectl-sandbox.$$" "$out/kubectl-sandbox"
}

if [ -f "$out/lib/$folder/plugin.aot" ]; then
    launcher
    exit 0
fi

work=$(mktemp -d)
stage=$out/lib/.$folder.$$
server=
cleanup() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    rm -rf "$work" "$stage"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

echo "packaging kubectl-sandbox: runtime" >&2
mkdir -p "$stage/app"
"$bin/jlink" --add-modules java.base --strip-debug --no-header-files --no-man-pages --compress=zip-0 --output "$stage/runtime"

# The JDK reads cacerts, 150 certificates, to learn whether a server's authority is a public one, which changes nothing for a cluster's own: it
# stands under another name, which -Djavax.net.ssl.trustStore gives, and is read when a kubeconfig names no authority.
mv "$stage/runtime/lib/security/cacerts" "$stage/runtime/lib/security/public-authorities"
# The same properties without 1,600 lines of commentary, and without providers of modules that are not in this runtime.
security=$stage/runtime/conf/security/java.security
sed -e ':a' -e '/\\$/{N;s/\\\n[[:space:]]*//;ba' -e '}' "$security" | sed -e '/^[[:space:]]*#/d' -e '/^[[:space:]]*$/d' \
    -e '/^security\.provider\.[0-9]*=\(SunJGSS\|SunSASL\|XMLDSig\|SunPCSC\|JdkLDAP\|JdkSASL\|SunPKCS11\|SunMSCAPI\|Apple\)$/d' > "$work/java.security"
grep -q '^jdk.certpath.disabledAlgorithms=..*EC keySize' "$work/java.security" && grep -q '^security.provider.1=' "$work/java.security" \
    || { echo "$0: java.security of $java_home has another form than expected" >&2; exit 1; }
cat "$work/java.security" > "$security"

echo "packaging kubectl-sandbox: libraries" >&2
mkdir "$work/sources" "$work/classes"
(cd "$work/sources" && "$bin/jar" xf "$picocli" picocli/CommandLine.java)
# java.sql only for converters of its types, which picocli looks for by name
"$bin/javac" --release 25 -proc:none -nowarn -Xlint:none -d "$work/classes" "$work/sources/picocli/CommandLine.java" 2> "$work/javac.log" \
    || { cat "$work/javac.log" >&2; exit 1; }
"$bin/jar" --create --file "$stage/app/picocli.jar" -C "$work/classes" .
cp "$plugin" "$stage/app/plugin.jar"
cp "$crds" "$stage/app/crds.jar"
cp "$jackson" "$stage/app/jackson-core.jar"
cp "$snakeyaml" "$stage/app/snakeyaml-engine.jar"

echo "packaging kubectl-sandbox: AOT cache" >&2
# an authority and a certificate of its, as clusters have: verifying a chain takes other classes than trusting one certificate
key() {
    "$bin/keytool" "$@" -keystore "$work/training.p12" -storetype PKCS12 -storepass training 2>> "$work/keytool.log" \
        || { cat "$work/keytool.log" >&2; exit 1; }
}
key -genkeypair -alias authority -keyalg EC -groupname secp256r1 -dname CN=authority -ext bc:c=ca:true -validity 2
key -genkeypair -alias training -keyalg EC -groupname secp256r1 -dname CN=training -validity 2
key -certreq -alias training -file "$work/request"
key -gencert -alias authority -infile "$work/request" -outfile "$work/certificate" -ext san=ip:127.0.0.1,dns:localhost -ext eku=serverAuth,clientAuth -validity 2
key -importcert -alias training -file "$work/certificate" -noprompt
mkfifo "$work/listening"
"$bin/java" "$module/packaging/TrainingServer.java" "$work" > "$work/listening" 2> "$work/server.log" &
server=$!
if ! read -r _ < "$work/listening"; then
    cat "$work/server.log" >&2
    exit 1
fi
classpath=$stage/app/plugin.jar:$stage/app/crds.jar:$stage/app/jackson-core.jar:$stage/app/picocli.jar:$stage/app/snakeyaml-engine.jar
code=0
# shellcheck disable=SC2086
KUBECONFIG=$work/kubeconfig "$stage/runtime/bin/java" $flags -XX:-AOTRecordTraining -XX:AOTCacheOutput="$stage/plugin.aot" -cp "$classpath" \
    io.agenttier.cli.Main exec training --timeout 5s -- true > "$work/training.log" 2>&1 || code=$?
if [ $code -ne 3 ] || [ ! -s "$stage/plugin.aot" ]; then
    echo "$0: the training run ended with $code, expected 3 and an AOT cache; it said:" >&2
    cat "$work/training.log" "$work/server.log" >&2
    exit 1
fi

rm -rf "${out:?}/lib/$folder"
mv "$stage" "$out/lib/$folder"
launcher
for old in "$out"/lib/kubectl-sandbox-*; do
    [ "$old" = "$out/lib/$folder" ] || rm -rf "$old"
done
