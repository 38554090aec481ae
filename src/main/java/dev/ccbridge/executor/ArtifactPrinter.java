package dev.ccbridge.executor;

/** Prints about a transfer, if its artifact has a name to be printed. */
record ArtifactPrinter(String artifact, String path, String logSource, Scope scope) {

  /**
   * @param template with {@code %s} for the artifact
   */
  void print(String event, boolean stderr, String template) {
    if (!artifact.isEmpty()) {
      var source = scope.withSource(logSource).logSource();
      scope.log().append(path + "/" + event, source, stderr, template.replace("%s", artifact));
    }
  }
}
