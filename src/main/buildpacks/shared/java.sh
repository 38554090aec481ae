
# Read by the launcher before the app starts: the machine's Java comes first on the PATH.
if ccbridge_find_java 25; then
  PATH=${ccbridge_real%/*}:$PATH
  export PATH
fi
