package dev.ccbridge.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DockerBuilderConfigTest {
  private static final String HASH = "ab".repeat(32);

  private static DockerBuilderConfig parse(String... arguments) {
    return DockerBuilderConfig.parse("builder", List.of(arguments));
  }

  private static DockerBuilderConfig cached(String... arguments) {
    var all = new ArrayList<>(List.of("-dockerRef=me/img", "-cacheDockerImage"));
    all.addAll(List.of(arguments));
    return DockerBuilderConfig.parse("builder", all);
  }

  @Test
  void withoutFlagsTheDefaultsAreDiegos() {
    var config = parse("-dockerRef", "me/img");

    assertThat(config.outputMetadata()).isEqualTo(Path.of("/tmp/result/result.json"));
    assertThat(config.cache()).isEmpty();
    assertThat(config.login()).isEmpty();
    assertThat(config.insecureRegistries()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "me/img, me/img:latest",
    "me/img:1, me/img:1",
    "img, img:latest",
    "reg.test:5000/me/img, reg.test:5000/me/img:latest",
    "reg.test:5000/me/img:1, reg.test:5000/me/img:1",
  })
  void theTagIsLatestUnlessThereIsOne(String reference, String image) {
    assertThat(parse("-dockerRef", reference).image()).isEqualTo(image);
  }

  @Test
  void aDigestStaysADigest() {
    assertThat(parse("-dockerRef", "img@sha256:" + HASH).image()).isEqualTo("img@sha256:" + HASH);
  }

  @ParameterizedTest
  @CsvSource({
    "docker:///me/img#1, me/img:1",
    "docker:///img, img:latest",
    "docker://reg.test:5000/me/img#1, reg.test:5000/me/img:1",
    "docker://me/img, me/img:latest",
  })
  void theUrlWinsOverTheReference(String url, String image) {
    assertThat(parse("-dockerRef=other", "-dockerImageURL=" + url).image()).isEqualTo(image);
  }

  @Test
  void theWordsOfTheStagerAreUnderstood() {
    var config =
        parse(
            "-outputMetadataJSONFilename",
            "/tmp/docker-result/result.json",
            "-dockerRef",
            "me/img",
            "-cacheDockerImage",
            "-dockerRegistryHost",
            "registry.test",
            "-dockerRegistryPort",
            "8081",
            "-dockerRegistryIPs",
            "10.0.0.9, 10.0.0.8",
            "-insecureDockerRegistries",
            "registry.test:8081, a.test:1",
            "-dockerLoginServer",
            "https://login.test:5000/v1/",
            "-dockerUser",
            "u",
            "-dockerPassword",
            "p",
            "-dockerEmail",
            "u@a.test");

    assertThat(config.outputMetadata()).isEqualTo(Path.of("/tmp/docker-result/result.json"));
    assertThat(config.cache())
        .contains(
            new DockerBuilderConfig.Cache(List.of("10.0.0.9", "10.0.0.8"), "registry.test", 8081));
    assertThat(config.insecureRegistries()).containsExactly("registry.test:8081", "a.test:1");
    assertThat(config.login()).contains(new DockerBuilderConfig.Login("login.test:5000", "u", "p"));
    assertThat(config.toString()).doesNotContain("password", "=p,");
  }

  @Test
  void thePublicIndexIsTheLoginServerUnlessAnotherIsNamed() {
    var config =
        cached(
            "-dockerRegistryIPs=10.0.0.9",
            "-dockerRegistryHost=r.test",
            "-dockerUser=u",
            "-dockerPassword=p",
            "-dockerEmail=u@a.test");

    assertThat(config.login()).contains(new DockerBuilderConfig.Login("", "u", "p"));
    assertThat(config.cache().orElseThrow().newName())
        .matches(
            "r\\.test:8080/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  }

  private static void refused(int exitCode, String message, List<String> arguments) {
    assertThatExceptionOfType(LifecycleException.class)
        .isThrownBy(() -> DockerBuilderConfig.parse("builder", arguments))
        .withMessageStartingWith(message)
        .matches(e -> e.exitCode() == exitCode, "exit code " + exitCode);
  }

  @Test
  void flagsThatCannotBeReadExitWith2() {
    refused(
        2,
        "invalid value \"10.244.2.7:8080, ://10.244.2.6:5050\" for flag -insecureDockerRegistries:"
            + " no scheme allowed for Docker Registry [://10.244.2.6:5050]",
        List.of("-insecureDockerRegistries=10.244.2.7:8080, ://10.244.2.6:5050"));
    refused(
        2,
        "invalid value \"10.244.2.6 , 10.244.2.7:8080\" for flag -insecureDockerRegistries:"
            + " ip:port expected for Docker Registry [10.244.2.6]",
        List.of("-insecureDockerRegistries=10.244.2.6 , 10.244.2.7:8080"));
    refused(2, "invalid value \"10.0.0.9:1\"", List.of("-dockerRegistryIPs=10.0.0.9:1"));
    refused(2, "invalid value \"x\"", List.of("-dockerRegistryPort=x"));
    refused(2, "flag provided but not defined: -nonsense", List.of("-nonsense"));
  }

  @Test
  void flagsThatDoNotFitTogetherExitWith1() {
    refused(1, "missing flag: dockerImageURL or dockerRef required", List.of());
    refused(1, "invalid dockerImageURL: me/img", List.of("-dockerImageURL=me/img"));
    refusedWhenCaching("missing flag: dockerRegistryIPs required");
    refusedWhenCaching("missing flag: dockerRegistryHost required", "-dockerRegistryIPs=1.2.3.4");
    for (var host : List.of("https://r", "r:8080")) {
      refusedWhenCaching(
          "invalid host format " + host,
          "-dockerRegistryIPs=1.2.3.4",
          "-dockerRegistryHost=" + host);
    }
    refusedWithRegistry("negative port number -1", "-dockerRegistryPort", "-1");
    refusedWithRegistry("port number too big 65536", "-dockerRegistryPort", "65536");
  }

  @Test
  void credentialsComeAllOrNotAtAll() {
    var together =
        "missing flags: dockerUser, dockerPassword and dockerEmail required simultaneously";
    refusedWithRegistry(together, "-dockerPassword=p", "-dockerEmail=u@a.test");
    refusedWithRegistry(together, "-dockerUser=u", "-dockerEmail=u@a.test");
    refusedWithRegistry(together, "-dockerUser=u", "-dockerPassword=p");
    for (var email : List.of("invalid email", "a@b", "a.b")) {
      refusedWithRegistry(
          "invalid dockerEmail [" + email + "]",
          "-dockerUser=u",
          "-dockerPassword=p",
          "-dockerEmail=" + email);
    }
    refusedWithRegistry(
        "invalid dockerLoginServer [://missingSchema.com]",
        "-dockerUser=u",
        "-dockerPassword=p",
        "-dockerEmail=u@a.test",
        "-dockerLoginServer=://missingSchema.com");
  }

  private static void refusedWithRegistry(String message, String... more) {
    var arguments = new ArrayList<>(List.of("-dockerRegistryIPs=1.2.3.4", "-dockerRegistryHost=r"));
    arguments.addAll(List.of(more));
    refusedWhenCaching(message, arguments.toArray(String[]::new));
  }

  private static void refusedWhenCaching(String message, String... more) {
    var arguments = new ArrayList<>(List.of("-dockerRef=me/img", "-cacheDockerImage"));
    arguments.addAll(List.of(more));
    refused(1, message, arguments);
  }
}
