package dev.ccbridge.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressRulesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "169.254.169.254",
        "169.254.0.1",
        "fe80::1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "fd00:ec2::254",
        "224.0.0.1"
      })
  void refusesWhatNobodyShouldReach(String address) throws Exception {
    assertThat(new AddressRules(true).isRefused(InetAddress.getByName(address))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.5", "192.168.1.1", "93.184.216.34", "2001:db8::1", "fd12::1"})
  void allowsNetworks(String address) throws Exception {
    assertThat(new AddressRules(false).isRefused(InetAddress.getByName(address))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.9.9.9", "::1", "0.0.0.0", "::"})
  void allowsThisMachineByConfigurationOnly(String address) throws Exception {
    assertThat(new AddressRules(false).isRefused(InetAddress.getByName(address))).isTrue();
    assertThat(new AddressRules(true).isRefused(InetAddress.getByName(address))).isFalse();
  }

  @Test
  void refusesOtherSchemesAndUrlsWithoutAHost() {
    var rules = new AddressRules(true);

    assertThatThrownBy(() -> rules.check(URI.create("ftp://127.0.0.1/x")))
        .hasMessage("scheme is ftp, wanted http or https");
    assertThatThrownBy(() -> rules.check(URI.create("http:///x")))
        .hasMessage("the URL names no host");
  }
}
