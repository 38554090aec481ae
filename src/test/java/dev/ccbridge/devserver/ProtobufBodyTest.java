package dev.ccbridge.devserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import dev.ccbridge.devserver.schema.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class ProtobufBodyTest {

  @Test
  void readsASecretAsKubectlSendsIt() throws Exception {
    var metadata = message(out -> out.writeString(1, "s"));
    var entry =
        message(
            out -> {
              out.writeString(1, "key");
              out.writeByteArray(2, new byte[] {1, 2});
            });
    var secret =
        message(
            out -> {
              out.writeByteArray(1, metadata);
              out.writeByteArray(2, entry);
              out.writeString(3, "Opaque");
            });

    assertThat(ProtobufBody.parse(envelope("Secret", secret)))
        .isEqualTo(
            Json.parse(
                """
                {"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "s"},
                 "data": {"key": "AQI="}, "type": "Opaque"}
                """));
  }

  @Test
  void refusesWhatItWouldLose() throws Exception {
    var secret = message(out -> out.writeString(99, "new"));

    assertThatThrownBy(() -> ProtobufBody.parse(envelope("Secret", secret)))
        .hasMessageContaining("field 99");
    assertThatThrownBy(() -> ProtobufBody.parse(envelope("Pod", secret)))
        .hasMessageContaining("kind Pod");
  }

  @Test
  void refusesWhatIsNoProtobuf() {
    assertThatThrownBy(() -> ProtobufBody.parse(new byte[] {1, 2, 3}))
        .isInstanceOfSatisfying(
            StatusException.class, refused -> assertThat(refused.code()).isEqualTo(400));
  }

  private interface Writer {
    void write(CodedOutputStream out) throws IOException;
  }

  private static byte[] message(Writer writer) throws IOException {
    var bytes = new ByteArrayOutputStream();
    var out = CodedOutputStream.newInstance(bytes);
    writer.write(out);
    out.flush();
    return bytes.toByteArray();
  }

  private static byte[] envelope(String kind, byte[] raw) throws IOException {
    var type =
        message(
            out -> {
              out.writeString(1, "v1");
              out.writeString(2, kind);
            });
    var body =
        message(
            out -> {
              out.writeByteArray(1, type);
              out.writeByteArray(2, raw);
            });
    return ByteString.copyFrom(new byte[] {'k', '8', 's', 0})
        .concat(ByteString.copyFrom(body))
        .toByteArray();
  }
}
