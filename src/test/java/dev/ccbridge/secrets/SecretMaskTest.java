package dev.ccbridge.secrets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.receptor.model.Action;
import java.math.BigInteger;
import java.util.List;
import org.junit.jupiter.api.Test;

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

  private static SecretMask of(Action action) {
    return SecretMask.of(List.of(), Action.serial(List.of(action)));
  }
}
