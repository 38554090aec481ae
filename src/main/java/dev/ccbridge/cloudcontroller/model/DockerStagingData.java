package dev.ccbridge.cloudcontroller.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;

/** The lifecycle data of a docker staging. Source: cc_messages/staging_messages.go. */
public record DockerStagingData(
    @JsonProperty("docker_image") String dockerImage,
    @JsonProperty("docker_login_server") @JsonInclude(Include.NON_EMPTY) String dockerLoginServer,
    @JsonProperty("docker_user") @JsonInclude(Include.NON_EMPTY) String dockerUser,
    @JsonProperty("docker_password") @JsonInclude(Include.NON_EMPTY) String dockerPassword,
    @JsonProperty("docker_email") @JsonInclude(Include.NON_EMPTY) String dockerEmail) {
  public DockerStagingData {
    dockerImage = Absent.text(dockerImage);
    dockerLoginServer = Absent.text(dockerLoginServer);
    dockerUser = Absent.text(dockerUser);
    dockerPassword = Absent.text(dockerPassword);
    dockerEmail = Absent.text(dockerEmail);
  }

  /** Whether user, password and email are all there. */
  public boolean hasCredentials() {
    return !dockerUser.isEmpty() && !dockerPassword.isEmpty() && !dockerEmail.isEmpty();
  }

  /** Whether some of user, password and email are there, but not all. */
  public boolean hasPartialCredentials() {
    var any = !dockerUser.isEmpty() || !dockerPassword.isEmpty() || !dockerEmail.isEmpty();
    return any && !hasCredentials();
  }

  /** Holds a password, so it prints the image alone. */
  @Override
  public String toString() {
    return "DockerStagingData[" + dockerImage + "]";
  }
}
