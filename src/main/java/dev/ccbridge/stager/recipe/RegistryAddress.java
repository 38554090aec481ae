package dev.ccbridge.stager.recipe;

/** {@code host:port} of the caching registry, taken apart. Source: Go's net.SplitHostPort. */
record RegistryAddress(String host, String port) {

  /**
   * @throws RecipeException with the original's text when it is none
   */
  static RegistryAddress parse(String address) {
    var colon = address.lastIndexOf(':');
    if (colon < 0) {
      throw invalid();
    }
    var host = address.substring(0, colon);
    var port = address.substring(colon + 1);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.contains(":")) {
      throw invalid();
    }
    if (host.matches(".*[\\[\\]].*") || port.matches(".*[\\[\\]].*")) {
      throw invalid();
    }
    return new RegistryAddress(host, port);
  }

  private static RecipeException invalid() {
    return new RecipeException("invalid docker registry address");
  }

  @Override
  public String toString() {
    return host + ":" + port;
  }
}
