package dev.ccbridge.receptor.backend.pod;

import java.math.BigInteger;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A destination of an egress rule as blocks of addresses: an address, a block, or a range {@code
 * a-b}, which is split into the fewest blocks that are exactly it. Pure.
 */
final class CidrBlocks {
  private static final int IPV4_BITS = 32;
  private static final int IPV6_BITS = 128;

  private CidrBlocks() {}

  /**
   * @throws IllegalArgumentException when it is none of these
   */
  static List<String> of(String destination) {
    int dash = destination.indexOf('-');
    if (dash >= 0) {
      return range(
          address(destination.substring(0, dash)), address(destination.substring(dash + 1)));
    }
    int slash = destination.indexOf('/');
    return slash >= 0
        ? List.of(block(address(destination.substring(0, slash)), destination.substring(slash + 1)))
        : range(address(destination), address(destination));
  }

  /** Never asks for a name. */
  private static InetAddress address(String text) {
    var literal = text.strip();
    // Java knows more forms than this: scopes, and IPv4 with fewer parts.
    if (!literal.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")) {
      throw new IllegalArgumentException(text + " is no address");
    }
    return InetAddress.ofLiteral(literal);
  }

  /** Bits of the host are cleared. */
  private static String block(InetAddress address, String length) {
    if (!length.matches("[0-9]{1,3}") || Integer.parseInt(length) > bits(address)) {
      throw new IllegalArgumentException(length + " is no length of a block");
    }
    int hostBits = bits(address) - Integer.parseInt(length);
    var network = number(address).shiftRight(hostBits).shiftLeft(hostBits);
    return text(network, bits(address), hostBits);
  }

  private static List<String> range(InetAddress first, InetAddress last) {
    int bits = bits(first);
    var next = number(first);
    var end = number(last);
    if (bits != bits(last) || next.compareTo(end) > 0) {
      throw new IllegalArgumentException("a range that is none");
    }
    var blocks = new ArrayList<String>();
    while (next.compareTo(end) <= 0) {
      int hostBits = largest(next, end, bits);
      blocks.add(text(next, bits, hostBits));
      next = next.add(BigInteger.ONE.shiftLeft(hostBits));
    }
    return blocks;
  }

  /** Of a block that begins with the one address and does not go beyond the other. */
  private static int largest(BigInteger first, BigInteger last, int bits) {
    int aligned = first.signum() == 0 ? bits : first.getLowestSetBit();
    int fitting = last.subtract(first).add(BigInteger.ONE).bitLength() - 1;
    return Math.min(aligned, fitting);
  }

  private static int bits(InetAddress address) {
    return address instanceof Inet4Address ? IPV4_BITS : IPV6_BITS;
  }

  private static BigInteger number(InetAddress address) {
    return new BigInteger(1, address.getAddress());
  }

  private static String text(BigInteger number, int bits, int hostBits) {
    var bytes = new byte[bits / Byte.SIZE];
    var digits = number.toByteArray();
    int length = Math.min(digits.length, bytes.length);
    System.arraycopy(digits, digits.length - length, bytes, bytes.length - length, length);
    return literal(bytes) + "/" + (bits - hostBits);
  }

  private static String literal(byte[] bytes) {
    try {
      var address = InetAddress.getByAddress(bytes);
      // Java takes an IPv4 address within IPv6 for the former, which it is not here.
      return bytes.length == IPV6_BITS / Byte.SIZE && address instanceof Inet4Address
          ? "::ffff:" + InetAddress.getByAddress(Arrays.copyOfRange(bytes, 12, 16)).getHostAddress()
          : address.getHostAddress();
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
