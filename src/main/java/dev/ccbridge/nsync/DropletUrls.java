package dev.ccbridge.nsync;

/** Where a cell fetches a droplet. */
@FunctionalInterface
public interface DropletUrls {

  /**
   * The URL to download from. It has to stay good for as long as the LRP is desired: every start of
   * an instance, after a crash or when scaled up, downloads from it again, and an LRP's download
   * cannot be updated. Must not be logged when it carries a token.
   *
   * @param uri http(s) URI, which is returned as it is; or an absolute path at the built-in blob
   *     store
   */
  String download(String uri);
}
