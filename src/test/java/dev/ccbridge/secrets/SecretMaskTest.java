package dev.ccbridge.secrets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.api.SecretKeyRef;
import dev.ccbridge.api.ValueSource;
import dev.ccbridge.receptor.model.Action;
import dev.ccbridge.receptor.model.EnvironmentVariable;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecretMaskTest {
  @Test
  void credentialsOfWhatIsFetchedAreNotRepeated() {
    var mask = of(Action.download("", "http://user:pa%24s@host/a?sig=0123456789", "/a", "", "v"));
    assertThat(mask.apply("login user:pa%24s, that is pa$s, with 0123456789 at http://host/a"))
        .isEqualTo("login ***, that is ***, with *** at http://host/a");
  }

  @Test
  void credentialsOfWhereAnUploadEndsUpAreNotRepeated() {
    var mask =
        of(
            Action.upload(
                "droplet",
                "/tmp/droplet",
                "http://up/v1/droplet/a?cc-droplet-upload-uri=http%3A%2F%2Fu%3Asecret%40cc%2Fx&timeout=9",
                "v"));
    assertThat(mask.apply("cc said no to secret")).isEqualTo("cc said no to ***");
  }

  @Test
  void keysOfCustomBuildpacksAndRegistryCredentialsAreNotRepeated() {
    var mask =
        of(
            Action.run(
                "vcap",
                "/builder",
                List.of(
                    "-buildpackOrder=ruby,https://u:hidden1@git/bp",
                    "-dockerPassword",
                    "hidden2",
                    "-skipDetect=true"),
                List.of(),
                BigInteger.ONE,
                ""));
    assertThat(mask.apply("ruby hidden1 hidden2 true")).isEqualTo("ruby *** *** true");
  }

  @Test
  void whatMayBeShownOfAUri() {
    assertThat(SecretMask.withoutCredentials("https://u:p@host/bp.git?x=1"))
        .isEqualTo("https://***@host/bp.git?***");
    assertThat(SecretMask.withoutCredentials("https://host/bp.git"))
        .isEqualTo("https://host/bp.git");
  }

  /** One per line: the text as it was, and as it is shown. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          the whole http://u:p@w@host/a?x=1&sig=abc#f | the whole ***
          user u:p@w | user ***
          password p@w, that is p@w | password ***, that is ***
          Authorization: Basic dTpwQHc= | Authorization: Basic ***
          ?x=1&y=2 | ?***&y=2
          sig=abc and abc | *** and abc
          at http://u:p@w@elsewhere/b | at http://***@elsewhere/b
          Exited with status 1 | Exited with status 1
          """)
  void aUriIsHiddenAsAWholeAndInItsParts(String text, String shown) {
    var mask = SecretMask.of(List.of(), null).andUri("http://u:p@w@host/a?x=1&sig=abc#f");
    assertThat(mask.apply(text)).isEqualTo(shown);
  }

  /** One per line: the text as it was, and as it is shown. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Exited with status 1 | Exited with status 1
          DEBUG=1 and DEBUG=12 | *** and DEBUG=12
          ruby, jruby and ruby_x | ***, jruby and ***_x
          xlong-canary-9x | x***x
          first line / second line | *** / ***
          """)
  void aVariableIsHiddenWithItsNameAndByItselfUnlessAnyTextHasIt(String text, String shown) {
    var values =
        Map.of(
            "DEBUG", "1",
            "LANGUAGE", "ruby",
            "KEY", "long-canary-9",
            "CERTIFICATE", "first line\nsecond line\n",
            "EMPTY", "");
    var mask =
        SecretMask.of(
            values.keySet().stream().map(SecretMaskTest::fromSecret).toList(),
            Action.run(
                "vcap",
                "/x",
                List.of(),
                values.entrySet().stream()
                    .map(e -> new EnvironmentVariable(e.getKey(), e.getValue()))
                    .toList(),
                null,
                ""));
    assertThat(mask.apply(text)).isEqualTo(shown);
  }

  @Test
  void signaturesOfAnyUrlAreHidden() {
    assertThat(
            SecretMask.of(List.of(), null)
                .apply("GET https://h/a?X-Amz-Signature=ab&x=1&access_token=cd failed"))
        .isEqualTo("GET https://h/a?X-Amz-Signature=***&x=1&access_token=*** failed");
  }

  @Test
  void withoutKnowingTheValuesNothingIsShown() {
    assertThat(SecretMask.of(List.of(fromSecret("A")), null).apply("text")).isEmpty();
    assertThat(SecretMask.blind().andUri("http://host/a").apply("text")).isEmpty();
  }

  private static dev.ccbridge.api.EnvironmentVariable fromSecret(String name) {
    return new dev.ccbridge.api.EnvironmentVariable(
        name, null, new ValueSource(new SecretKeyRef("a-secret", name)));
  }

  private static SecretMask of(Action action) {
    return SecretMask.of(List.of(), Action.serial(List.of(action)));
  }
}
