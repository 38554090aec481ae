# Read by the launcher before the app starts: the heap gets three quarters of MEMORY_LIMIT (such
# as "512m" or "1g"), unless JAVA_OPTS says something about memory itself.
case ${JAVA_OPTS-} in
  *-Xmx* | *MaxRAM* | *MaxHeapSize*) ;;
  *)
    ccbridge_unit=1
    case ${MEMORY_LIMIT-} in
      *[gG] | *[gG][bB]) ccbridge_unit=1024 ;;
    esac
    ccbridge_number=${MEMORY_LIMIT-}
    ccbridge_number=${ccbridge_number%%[!0-9]*}
    if [ -n "$ccbridge_number" ]; then
      export JAVA_OPTS="-Xmx$((ccbridge_number * ccbridge_unit * 3 / 4))m${JAVA_OPTS:+ $JAVA_OPTS}"
    fi
    ;;
esac
