package dev.ccbridge.lifecycle;

import dev.ccbridge.registry.Credentials;
import dev.ccbridge.registry.ImageReference;
import dev.ccbridge.registry.Manifest;
import dev.ccbridge.registry.RegistryClient;
import dev.ccbridge.registry.RegistryConfig;
import dev.ccbridge.registry.RegistryException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/**
 * The program {@code builder} of the Docker lifecycle: asks the registry what is in the image, and
 * copies it to the private registry if that is wanted.
 *
 * <p>Source: dockerapplifecycle builder/main.go, builder_runner.go. Differs from Diego: speaks
 * version 2 of the registry's API, and copies from registry to registry without a Docker daemon.
 */
public final class DockerBuilder {
  private static final int CONNECT_MILLIS = 2_000;

  private final DockerBuilderConfig config;

  DockerBuilder(DockerBuilderConfig config) {
    this.config = config;
  }

  /** Stages by the flags in {@code arguments} and ends the process with the exit code. */
  public static void main(String[] arguments) {
    System.exit(run(List.of(arguments)));
  }

  static int run(List<String> arguments) {
    DockerBuilderConfig config;
    try {
      config =
          DockerBuilderConfig.parse(System.getProperty("ccbridge.program", "builder"), arguments);
    } catch (LifecycleException e) {
      System.err.println(e.message());
      return e.exitCode();
    }
    System.out.println("Staging process started ...");
    try {
      new DockerBuilder(config).stage();
    } catch (RegistryException | IllegalArgumentException | IOException e) {
      System.err.println("Staging process failed: " + e.getMessage());
      return LifecycleException.STAGING_FAILED;
    }
    System.out.println("Staging process finished");
    return 0;
  }

  private void stage() throws IOException {
    var image = ImageReference.parse(config.image());
    try (var registries = new RegistryClient(registryConfig())) {
      var manifest = registries.manifest(image);
      var imageConfig = registries.imageConfig(image, manifest);
      // Before anything is copied: an image that cannot be run need not be.
      var result = DockerStagingResult.of(imageConfig, config.image());
      if (config.cache().isPresent()) {
        var name = cache(config.cache().get(), registries, image, manifest);
        result = DockerStagingResult.of(imageConfig, name);
      }
      write(result);
    }
  }

  private RegistryConfig registryConfig() {
    var registries =
        RegistryConfig.defaults().withInsecure(Set.copyOf(config.insecureRegistries()));
    return config
        .login()
        .map(
            login ->
                registries.withCredentials(
                    login.registry(), new Credentials(login.user(), login.password())))
        .orElse(registries);
  }

  private static String cache(
      DockerBuilderConfig.Cache cache,
      RegistryClient registries,
      ImageReference image,
      Manifest manifest)
      throws IOException {
    RegistryHosts.add(cache.host(), reachable(cache));
    var name = cache.newName();
    System.out.println("Caching docker image ...");
    registries.copy(image, manifest, ImageReference.parse(name));
    System.out.println("Docker image cached as " + name);
    return name;
  }

  /** A random one of those that listen; if none does, any, so that the failure names it. */
  private static InetAddress reachable(DockerBuilderConfig.Cache cache) throws IOException {
    var addresses = new ArrayList<>(cache.addresses());
    Collections.shuffle(addresses);
    for (var address : addresses) {
      try (var socket = new Socket()) {
        var candidate = InetAddress.getByName(address);
        socket.connect(new InetSocketAddress(candidate, cache.port()), CONNECT_MILLIS);
        return candidate;
      } catch (IOException e) {
        System.err.println("private docker registry at " + address + " does not answer");
      }
    }
    return InetAddress.getByName(addresses.getFirst());
  }

  private void write(DockerStagingResult result) throws IOException {
    var file = config.outputMetadata();
    if (file.getParent() != null) {
      Files.createDirectories(file.getParent());
    }
    Files.writeString(file, result.toJson());
  }
}
