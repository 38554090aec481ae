package dev.ccbridge.registry;

import dev.ccbridge.ErrorKind;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Images at registries. Everything that has a digest is checked against it before it is handed on.
 * Thread-safe; blocks.
 *
 * <p>All methods throw {@link RegistryException}: NOT_FOUND for what the registry does not have,
 * UNAVAILABLE if another try may help, INVALID_REQUEST otherwise.
 *
 * <p>Source: distribution-spec 1.1.
 */
public final class RegistryClient implements AutoCloseable {
  private static final int MAX_MANIFEST_BYTES = 4 << 20;
  private static final int MAX_CONFIG_BYTES = 8 << 20;
  private static final String ACCEPTED =
      String.join(", ", Manifest.OCI, Manifest.OCI_INDEX, Manifest.DOCKER, Manifest.DOCKER_LIST);

  private final RegistryConfig config;
  private final RegistryTransport transport;

  public RegistryClient(RegistryConfig config) {
    this.config = config;
    this.transport = new RegistryTransport(config);
  }

  /** The same for another user of {@code image}'s registry; is closed by itself. */
  public RegistryClient as(Credentials user, ImageReference image) {
    var registry = image.isOfficial() ? "" : image.registry();
    return new RegistryClient(config.withCredentials(registry, user));
  }

  /** What {@code image} consists of; for an image of several platforms that of this machine. */
  public Manifest manifest(ImageReference image) {
    var top = fetchManifest(image, image.reference(), image.digest());
    if (!isIndex(top)) {
      return Manifest.read(top.mediaType(), top.content());
    }
    var child = Platform.ofThisMachine().choose(image, Json.object(top.content(), "index"));
    var manifest = fetchManifest(image, child.text(), Optional.of(child));
    if (isIndex(manifest)) {
      throw RegistryException.invalid("image " + image + ": an index within an index");
    }
    return Manifest.read(manifest.mediaType(), manifest.content());
  }

  private record Fetched(String mediaType, byte[] content) {}

  private Fetched fetchManifest(ImageReference image, String reference, Optional<Digest> digest) {
    var what = "manifest " + reference + " of " + image.repository() + at(image);
    UnaryOperator<HttpRequest.Builder> shape = request -> request.setHeader("Accept", ACCEPTED);
    try (var answer = transport.send(image, "manifests/" + reference, shape, config.timeout())) {
      if (answer.status() != 200) {
        throw transport.failed(answer, what);
      }
      var content = answer.bytes(MAX_MANIFEST_BYTES);
      if (digest.isPresent() && !digest.get().matches(content)) {
        throw corrupt(what);
      }
      return new Fetched(mediaType(answer.header("content-type"), content), content);
    } catch (IOException e) {
      throw RegistryException.unreachable(what, e);
    }
  }

  /** The type that the content names for itself goes before the header's. */
  private static String mediaType(String header, byte[] content) {
    var own = Json.object(content, "manifest").path("mediaType").asText("");
    return own.isEmpty() ? header.replaceFirst(";.*", "").strip() : own;
  }

  private static boolean isIndex(Fetched fetched) {
    return fetched.mediaType().equals(Manifest.OCI_INDEX)
        || fetched.mediaType().equals(Manifest.DOCKER_LIST);
  }

  /** What {@code manifest}'s image says about the process to run in it. */
  public ImageConfig imageConfig(ImageReference image, Manifest manifest) {
    return ImageConfig.read(configBlob(image, manifest));
  }

  /** The same as bytes, as a copy needs them. */
  public byte[] configBlob(ImageReference image, Manifest manifest) {
    var descriptor = manifest.config();
    try (var answer = openBlob(image, descriptor)) {
      var content = answer.bytes(MAX_CONFIG_BYTES);
      if (!descriptor.digest().matches(content)) {
        throw corrupt(blob(image, descriptor));
      }
      return content;
    } catch (IOException e) {
      throw RegistryException.unreachable(blob(image, descriptor), e);
    }
  }

  /**
   * Writes a layer to {@code file}, compressed as it is. A file that cannot be completed is
   * deleted.
   */
  public void download(ImageReference image, Descriptor layer, Path file) {
    var complete = false;
    try {
      downloadChecked(image, layer, file);
      complete = true;
    } finally {
      if (!complete) {
        delete(file);
      }
    }
  }

  private void downloadChecked(ImageReference image, Descriptor layer, Path file) {
    var digest = layer.digest().start();
    try (var answer = openBlob(image, layer);
        var out =
            new DigestOutputStream(new BufferedOutputStream(Files.newOutputStream(file)), digest)) {
      answer.copyTo(out, layer.size());
    } catch (IOException e) {
      throw RegistryException.unreachable(blob(image, layer), e);
    }
    if (!layer.digest().matches(digest)) {
      throw corrupt(blob(image, layer));
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Answer openBlob(ImageReference image, Descriptor descriptor) {
    if (descriptor.size() > config.maxBlobBytes()) {
      throw RegistryException.invalid(
          blob(image, descriptor)
              + ": "
              + descriptor.size()
              + " bytes, want at most "
              + config.maxBlobBytes());
    }
    var path = "blobs/" + descriptor.digest();
    var answer = transport.send(image, path, UnaryOperator.identity(), config.transferTimeout());
    if (answer.status() != 200) {
      throw transport.failed(answer, blob(image, descriptor));
    }
    return answer;
  }

  /** Whether {@code image}'s repository has the blob. */
  public boolean hasBlob(ImageReference image, Digest digest) {
    UnaryOperator<HttpRequest.Builder> head = HttpRequest.Builder::HEAD;
    try (var answer = transport.send(image, "blobs/" + digest, head, config.timeout())) {
      return switch (answer.status()) {
        case 200 -> true;
        case 404 -> false;
        default -> throw transport.failed(answer, "blob " + digest + at(image));
      };
    }
  }

  /** Puts {@code content} into {@code image}'s repository unless it is there. */
  public void upload(ImageReference image, Descriptor descriptor, byte[] content) {
    upload(image, descriptor, BodyPublishers.ofByteArray(content));
  }

  /** Puts {@code file} into {@code image}'s repository unless it is there. */
  public void upload(ImageReference image, Descriptor descriptor, Path file) {
    try {
      upload(image, descriptor, BodyPublishers.ofFile(file));
    } catch (IOException e) {
      throw RegistryException.unreachable(file.toString(), e);
    }
  }

  /**
   * Makes a blob of another repository of the same registry one of {@code image}'s as well.
   *
   * @return false if the registry does not do that, or does not let us
   */
  public boolean mount(ImageReference image, Digest digest, String fromRepository) {
    if (hasBlob(image, digest)) {
      return true;
    }
    var query = "blobs/uploads/?mount=" + digest + "&from=" + fromRepository;
    try (var answer = transport.send(image, query, RegistryClient::post, config.timeout())) {
      return switch (answer.status()) {
        case 201 -> true;
        case 202 -> false; // an upload has begun instead, which the registry will forget
        default -> throw transport.failed(answer, "blob " + digest + at(image));
      };
    }
  }

  private void upload(ImageReference image, Descriptor blob, BodyPublisher content) {
    if (!hasBlob(image, blob.digest())) {
      endUpload(image, blob, beginUpload(image, blob), content);
    }
  }

  private String beginUpload(ImageReference image, Descriptor blob) {
    try (var answer =
        transport.send(image, "blobs/uploads/", RegistryClient::post, config.timeout())) {
      if (answer.status() != 202 || answer.header("location").isEmpty()) {
        throw transport.failed(answer, blob(image, blob));
      }
      return answer.header("location");
    }
  }

  /** The registry checks the content against the digest. */
  private void endUpload(
      ImageReference image, Descriptor blob, String place, BodyPublisher content) {
    var target = place + (place.contains("?") ? "&" : "?") + "digest=" + blob.digest();
    UnaryOperator<HttpRequest.Builder> put =
        request -> request.setHeader("Content-Type", "application/octet-stream").PUT(content);
    try (var answer = transport.send(image, target, put, config.transferTimeout())) {
      if (answer.status() != 201) {
        throw transport.failed(answer, blob(image, blob));
      }
    }
  }

  private static HttpRequest.Builder post(HttpRequest.Builder request) {
    return request.POST(BodyPublishers.noBody());
  }

  /** Gives {@code image} its content; all blobs that it names are to be there. */
  public void putManifest(ImageReference image, Manifest manifest) {
    var what = "manifest " + image.reference() + " of " + image.repository() + at(image);
    UnaryOperator<HttpRequest.Builder> put =
        request ->
            request
                .setHeader("Content-Type", manifest.mediaType())
                .PUT(BodyPublishers.ofByteArray(manifest.content()));
    var path = "manifests/" + image.reference();
    try (var answer = transport.send(image, path, put, config.timeout())) {
      if (answer.status() != 201) {
        throw transport.failed(answer, what);
      }
    }
  }

  /**
   * Copies the image of {@code manifest} from one registry to another, layer by layer, without a
   * file in between. Layers that are there already are left alone.
   */
  public void copy(ImageReference source, Manifest manifest, ImageReference target) {
    var blobs = new ArrayList<>(List.of(manifest.config()));
    blobs.addAll(manifest.layers());
    for (var blob : blobs) {
      if (!blob.isForeign()) {
        copyBlob(source, blob, target);
      }
    }
    putManifest(target, manifest);
  }

  private void copyBlob(ImageReference source, Descriptor blob, ImageReference target) {
    if (blob.size() == 0) { // a length that a publisher cannot have
      upload(target, blob, new byte[0]);
      return;
    }
    if (hasBlob(target, blob.digest())) {
      return;
    }
    var place = beginUpload(target, blob);
    try (var answer = openBlob(source, blob)) {
      var content = BodyPublishers.ofInputStream(answer::body);
      endUpload(target, blob, place, BodyPublishers.fromPublisher(content, blob.size()));
    }
  }

  private String blob(ImageReference image, Descriptor descriptor) {
    return "blob " + descriptor.digest() + " of " + image.repository() + at(image);
  }

  private String at(ImageReference image) {
    return " at " + transport.host(image);
  }

  private static RegistryException corrupt(String what) {
    return new RegistryException(
        ErrorKind.UNAVAILABLE, what + ": the content is not what its digest names");
  }

  @Override
  public void close() {
    transport.close();
  }
}
