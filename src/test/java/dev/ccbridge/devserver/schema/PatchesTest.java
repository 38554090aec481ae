package dev.ccbridge.devserver.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PatchesTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"a\":1}|{\"b\":2}|{\"a\":1,\"b\":2}",
        "{\"a\":1}|{\"a\":null}|{}",
        "{\"a\":{\"b\":1,\"c\":2}}|{\"a\":{\"b\":null}}|{\"a\":{\"c\":2}}",
        "{\"a\":[1,2]}|{\"a\":[3]}|{\"a\":[3]}",
        "{\"a\":1}|{\"a\":{\"b\":null,\"c\":1}}|{\"a\":{\"c\":1}}"
      })
  void mergesAsRfc7386Says(String target, String patch, String result) {
    assertThat(Patches.merge(Json.parse(target), Json.parse(patch))).isEqualTo(Json.parse(result));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"op\":\"add\",\"path\":\"/c\",\"value\":9}|{\"a\":{\"b\":1},\"l\":[1,2],\"c\":9}",
        "{\"op\":\"add\",\"path\":\"/l/1\",\"value\":9}|{\"a\":{\"b\":1},\"l\":[1,9,2]}",
        "{\"op\":\"add\",\"path\":\"/l/-\",\"value\":9}|{\"a\":{\"b\":1},\"l\":[1,2,9]}",
        "{\"op\":\"remove\",\"path\":\"/l/0\"}|{\"a\":{\"b\":1},\"l\":[2]}",
        "{\"op\":\"replace\",\"path\":\"/a/b\",\"value\":9}|{\"a\":{\"b\":9},\"l\":[1,2]}",
        "{\"op\":\"replace\",\"path\":\"/l/0\",\"value\":9}|{\"a\":{\"b\":1},\"l\":[9,2]}",
        "{\"op\":\"move\",\"from\":\"/a/b\",\"path\":\"/c\"}|{\"a\":{},\"l\":[1,2],\"c\":1}",
        "{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/c\"}|{\"a\":{\"b\":1},\"l\":[1,2],\"c\":{\"b\":1}}",
        "{\"op\":\"test\",\"path\":\"/a/b\",\"value\":1}|{\"a\":{\"b\":1},\"l\":[1,2]}"
      })
  void appliesEachOperation(String operation, String result) throws Exception {
    var target = Json.parse("{\"a\":{\"b\":1},\"l\":[1,2]}");

    assertThat(Patches.apply(target, Json.parse("[" + operation + "]")))
        .isEqualTo(Json.parse(result));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"op\":\"test\",\"path\":\"/a\",\"value\":2}", "{\"op\":\"remove\",\"path\":\"/x\"}",
        "{\"op\":\"add\",\"path\":\"/l/9\",\"value\":1}", "{\"op\":\"nope\",\"path\":\"/a\"}",
        "{\"op\":\"add\",\"path\":\"/x/y\",\"value\":1}", "{\"op\":\"add\",\"path\":\"/a\"}",
        "{\"op\":\"add\",\"path\":\"a\",\"value\":1}"
      })
  void refusesWhatDoesNotFit(String operation) {
    var target = Json.parse("{\"a\":1,\"l\":[1]}");

    assertThatThrownBy(() -> Patches.apply(target, Json.parse("[" + operation + "]")))
        .isInstanceOf(Patches.PatchException.class);
  }

  @Test
  void mergesListsStrategicallyByTheirKeys() {
    var schema =
        Schema.of(
            Json.parse(
                """
                {"type": "object", "properties": {
                  "owners": {"type": "array", "x-kubernetes-patch-strategy": "merge",
                    "x-kubernetes-patch-merge-key": "uid", "items": {"type": "object"}},
                  "set": {"type": "array", "x-kubernetes-patch-strategy": "merge",
                    "items": {"type": "string"}},
                  "plain": {"type": "array", "items": {"type": "string"}}}}
                """));
    var target =
        Json.parse(
            """
            {"owners": [{"uid": "1", "a": 1}, {"uid": "2"}], "set": ["x", "y"], "plain": ["x"]}
            """);
    var patch =
        Json.parse(
            """
            {"owners": [{"uid": "1", "b": 2}, {"$patch": "delete", "uid": "2"}, {"uid": "3"}],
             "set": ["z"], "$deleteFromPrimitiveList/set": ["x"], "plain": ["y"],
             "$setElementOrder/set": ["y", "z"]}
            """);

    assertThat(StrategicMergePatch.apply(target, patch, schema))
        .isEqualTo(
            Json.parse(
                """
                {"owners": [{"uid": "1", "a": 1, "b": 2}, {"uid": "3"}], "set": ["y", "z"],
                 "plain": ["y"]}
                """));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        ".a.b|1",
        ".l[0]|2",
        ".l[*]|2,3",
        ".c[?(@.type==\"R\")].s|4",
        "['x.y']|5",
        ".x\\.y|5",
        ".none|``"
      })
  void findsByJsonPath(String path, String found) {
    var root =
        Json.parse(
            """
            {"a": {"b": 1}, "l": [2, 3], "c": [{"type": "Q", "s": 0}, {"type": "R", "s": 4}],
             "x.y": 5}
            """);

    assertThat(
            String.join(",", JsonPath.of(path).find(root).stream().map(Object::toString).toList()))
        .isEqualTo(found);
  }

  @Test
  void refusesJsonPathsThatItDoesNotOffer() {
    assertThatThrownBy(() -> JsonPath.of(".a[?(@.b>1)]"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
