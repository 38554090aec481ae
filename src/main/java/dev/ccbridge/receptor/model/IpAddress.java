package dev.ccbridge.receptor.model;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An address as Go's net.ParseIP reads it: four decimal numbers, or IPv6 without zone and brackets.
 *
 * @param bytes always 16, IPv4 as {@code ::ffff:a.b.c.d}, so that any two can be compared
 * @param bits of the family as written: 32 or 128
 */
record IpAddress(byte[] bytes, int bits) {
  private static final Pattern FOUR_NUMBERS = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
  private static final Pattern COLONS = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

  static Optional<IpAddress> parse(String text) {
    try {
      if (FOUR_NUMBERS.matcher(text).matches()) {
        return Optional.of(new IpAddress(mapped(Inet4Address.ofLiteral(text).getAddress()), 32));
      }
      if (COLONS.matcher(text).matches()) {
        return Optional.of(new IpAddress(mapped(Inet6Address.ofLiteral(text).getAddress()), 128));
      }
      return Optional.empty();
    } catch (IllegalArgumentException notAnAddress) {
      return Optional.empty();
    }
  }

  private static byte[] mapped(byte[] address) {
    if (address.length == 16) {
      return address;
    }
    var mapped = new byte[16];
    mapped[10] = (byte) 0xff;
    mapped[11] = (byte) 0xff;
    System.arraycopy(address, 0, mapped, 12, 4);
    return mapped;
  }
}
