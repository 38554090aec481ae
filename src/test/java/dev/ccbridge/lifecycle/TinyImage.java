package dev.ccbridge.lifecycle;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ccbridge.registry.Descriptor;
import dev.ccbridge.registry.Digest;
import dev.ccbridge.registry.ImageReference;
import dev.ccbridge.registry.Manifest;
import dev.ccbridge.registry.RegistryClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * Images made here: one layer with one script, and a configuration that says all it can; or others.
 */
public final class TinyImage {
  private static final String TYPE = "application/vnd.docker.distribution.manifest.v2+json";
  private static final String CONFIG =
      """
      {"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["%s"]},
       "config":{"Entrypoint":["/bin/app","-v"],"Cmd":["serve"],"WorkingDir":"/data","User":"web",
        "ExposedPorts":{"8080/udp":{},"8080/tcp":{}},"Env":["GREETING=hello"]}}
      """;

  private TinyImage() {}

  /** Makes {@code name} mean this image. */
  public static Manifest push(RegistryClient client, ImageReference name) {
    return push(client, name, CONFIG, tar());
  }

  /**
   * Makes {@code name} mean an image of one layer.
   *
   * @param format its configuration, with {@code %s} for the layer's digest
   * @param tar the layer
   */
  public static Manifest push(
      RegistryClient client, ImageReference name, String format, byte[] tar) {
    var layer = gzip(tar);
    var config = format.formatted(Digest.of(tar)).getBytes(UTF_8);
    var layerDescriptor =
        new Descriptor(
            "application/vnd.docker.image.rootfs.diff.tar.gzip", Digest.of(layer), layer.length);
    var configDescriptor =
        new Descriptor(
            "application/vnd.docker.container.image.v1+json", Digest.of(config), config.length);
    client.upload(name, layerDescriptor, layer);
    client.upload(name, configDescriptor, config);
    var content =
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
            .formatted(TYPE, json(configDescriptor), json(layerDescriptor));
    var manifest =
        new Manifest(TYPE, configDescriptor, List.of(layerDescriptor), content.getBytes(UTF_8));
    client.putManifest(name, manifest);
    return manifest;
  }

  private static String json(Descriptor descriptor) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
        .formatted(descriptor.mediaType(), descriptor.digest(), descriptor.size());
  }

  private static byte[] tar() {
    var bytes = new ByteArrayOutputStream();
    try (var tar = new TarArchiveOutputStream(bytes, UTF_8.name())) {
      var script = "#!/bin/sh\necho \"$GREETING\"\n".getBytes(UTF_8);
      var entry = new TarArchiveEntry("bin/app");
      entry.setMode(0755);
      entry.setSize(script.length);
      entry.setModTime(0);
      tar.putArchiveEntry(entry);
      tar.write(script);
      tar.closeArchiveEntry();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static byte[] gzip(byte[] content) {
    var bytes = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(bytes)) {
      gzip.write(content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
