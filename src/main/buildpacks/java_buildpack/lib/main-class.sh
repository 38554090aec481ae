# Tells what Java can run in a directory; read by the scripts in bin with ".".

# runnable_jar DIR: prints the name of the jar at the top of DIR; fails unless there is exactly one.
runnable_jar() {
  set -- "$1"/*.jar
  if [ $# -ne 1 ] || [ ! -f "$1" ]; then
    return 1
  fi
  echo "${1##*/}"
}

# main_class DIR: prints the Main-Class of an unpacked jar; fails if it has none.
main_class() {
  if [ ! -f "$1/META-INF/MANIFEST.MF" ]; then
    return 1
  fi
  # A long line of a manifest goes on in the next one, after a space.
  class=$(tr -d '\r' <"$1/META-INF/MANIFEST.MF" |
    sed -e ':join' -e '$!N' -e '$!b join' -e 's/\n //g' |
    sed -n 's/^Main-Class:[[:space:]]*//p' | sed -n 1p)
  case $class in
    '' | *[!A-Za-z0-9_.\$]*) return 1 ;;
  esac
  echo "$class"
}
