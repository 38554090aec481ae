package dev.ccbridge.executor;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Locale;

/**
 * Which URIs of users' actions may be reached: http and https only; no link-local address, behind
 * which clouds keep their credentials; this machine's own addresses only by configuration. Asked
 * before each request, so also for each redirect.
 *
 * <p>The check and the connection resolve the name one after the other. Between the two the JVM's
 * own cache of names answers, so that they mean the same address.
 */
final class AddressRules {
  private final boolean allowLoopback;

  AddressRules(boolean allowLoopback) {
    this.allowLoopback = allowLoopback;
  }

  void check(URI uri) throws TransferException {
    var scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw new TransferException("scheme is " + scheme + ", wanted http or https", false);
    }
    var host = uri.getHost();
    if (host == null || host.isEmpty()) {
      throw new TransferException("the URL names no host", false);
    }
    InetAddress[] addresses;
    try {
      addresses = InetAddress.getAllByName(host);
    } catch (UnknownHostException e) {
      throw new TransferException("host " + host + " is unknown", true, e);
    }
    for (var address : addresses) {
      if (isRefused(address)) {
        throw new TransferException("host " + host + " is an address that is not allowed", false);
      }
    }
  }

  boolean isRefused(InetAddress address) {
    if (address.isLoopbackAddress() || address.isAnyLocalAddress()) {
      return !allowLoopback;
    }
    return address.isLinkLocalAddress() || address.isMulticastAddress() || isMetadata(address);
  }

  /**
   * Metadata services that have no link-local address of their own: AWS's fd00:ec2::254, and
   * 169.254.0.0/16 behind the prefix that translates to IPv4.
   */
  private static boolean isMetadata(InetAddress address) {
    if (!(address instanceof Inet6Address)) {
      return false;
    }
    var bytes = address.getAddress();
    var aws = new byte[] {(byte) 0xfd, 0, 0x0e, (byte) 0xc2};
    var translated = new byte[] {0, 0x64, (byte) 0xff, (byte) 0x9b};
    return Arrays.equals(bytes, 0, 4, aws, 0, 4)
        || (Arrays.equals(bytes, 0, 4, translated, 0, 4)
            && bytes[12] == (byte) 169
            && bytes[13] == (byte) 254);
  }
}
