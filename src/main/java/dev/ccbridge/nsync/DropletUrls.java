package dev.ccbridge.nsync;

/** Where a cell fetches a droplet. */
@FunctionalInterface
public interface DropletUrls {

  /**
   * The URL to download from; asked anew for each LRP that is created, so it may expire after the
   * start of its instances at the earliest. Must not be logged when it carries a token.
   *
   * @param uri http(s) URI, which is returned as it is; or an absolute path at the built-in blob
   *     store
   */
  String download(String uri);
}
