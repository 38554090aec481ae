package dev.ccbridge.executor;

/**
 * What an archive may unpack to.
 *
 * @param maxBytes of all files together
 * @param maxEntries files, directories and links
 * @param maxRatio of unpacked to packed bytes, asked once {@code ratioFromBytes} are unpacked
 */
public record ArchiveLimits(long maxBytes, int maxEntries, int maxRatio, long ratioFromBytes) {
  public static final ArchiveLimits DEFAULT = new ArchiveLimits(16L << 30, 300_000, 100, 1L << 30);
}
