package dev.ccbridge.receptor.backend.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ccbridge.executor.ArchiveLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LayerUnpackerTest {
  @TempDir private Path temporary;
  private Path root;
  private Path outside;

  @BeforeEach
  void makeRoot() throws IOException {
    root = Files.createDirectory(temporary.resolve("root"));
    outside = Files.createDirectory(temporary.resolve("outside"));
    Files.writeString(outside.resolve("file"), "untouched");
  }

  private void unpack(Layers... layers) throws IOException {
    unpack(ArchiveLimits.DEFAULT, layers);
  }

  private void unpack(ArchiveLimits limits, Layers... layers) throws IOException {
    var unpacker = new LayerUnpacker(root, limits);
    for (int i = 0; i < layers.length; i++) {
      unpacker.add(layers[i].in(temporary.resolve("layer-" + i)));
    }
  }

  private String read(String path) throws IOException {
    return Files.readString(root.resolve(path));
  }

  private boolean isThere(String path) {
    return Files.exists(root.resolve(path), LinkOption.NOFOLLOW_LINKS);
  }

  private String mode(String path) throws IOException {
    return PosixFilePermissions.toString(
        Files.getPosixFilePermissions(root.resolve(path), LinkOption.NOFOLLOW_LINKS));
  }

  @Test
  void laterLayersReplaceWhatEarlierOnesMade() throws Exception {
    unpack(
        new Layers().file("a", "1").directory("d", 0755).file("d/x", "1").link("l", "a"),
        new Layers().file("a", "2").file("d", "now a file").directory("l", 0700).file("l/y", "3"));

    assertThat(read("a")).isEqualTo("2");
    assertThat(read("d")).isEqualTo("now a file");
    assertThat(read("l/y")).isEqualTo("3");
    assertThat(Files.isSymbolicLink(root.resolve("l"))).isFalse();
  }

  @Test
  void directoryOfALaterLayerKeepsWhatIsInIt() throws Exception {
    unpack(new Layers().directory("d", 0700).file("d/x", "1"), new Layers().directory("d", 0755));

    assertThat(read("d/x")).isEqualTo("1");
    assertThat(mode("d")).isEqualTo("rwxr-xr-x");
  }

  @Test
  void whiteoutRemovesAFileAndADirectoryAndALink() throws Exception {
    unpack(
        new Layers().file("etc/a", "1").file("etc/d/deep/b", "1").link("etc/l", "d").file("k", "1"),
        new Layers().file("etc/.wh.a", "").file("etc/.wh.d", "").file("etc/.wh.l", ""));

    assertThat(root.resolve("etc")).isEmptyDirectory();
    assertThat(read("k")).isEqualTo("1");
  }

  @Test
  void whiteoutDoesNotRemoveWhatItsOwnLayerMade() throws Exception {
    unpack(
        new Layers().file("d/a", "old").file("d/b", "old"),
        new Layers().file("d/a", "new").file("d/.wh.a", "").file("d/.wh.b", "").file("d/b", "new"));

    assertThat(read("d/a")).isEqualTo("new");
    assertThat(read("d/b")).isEqualTo("new");
  }

  @Test
  void whiteoutThroughALinkStaysInside() throws Exception {
    unpack(
        new Layers().link("evil", outside.toString()),
        new Layers().file("evil/.wh.file", "").file("evil/.wh..wh..opq", ""));

    assertThat(outside.resolve("file")).hasContent("untouched");
  }

  @Test
  void opaqueDirectoryHidesAllOfLowerLayersAndNothingOfItsOwn() throws Exception {
    unpack(
        new Layers().file("d/old", "1").file("d/sub/old", "1").file("d/gone/old", "1"),
        new Layers().file("d/sub/new", "2").file("d/.wh..wh..opq", "").file("d/late", "2"));

    assertThat(isThere("d/old")).isFalse();
    assertThat(isThere("d/sub/old")).isFalse();
    assertThat(isThere("d/gone")).isFalse();
    assertThat(read("d/sub/new")).isEqualTo("2");
    assertThat(read("d/late")).isEqualTo("2");
    assertThat(isThere("d/.wh..wh..opq")).isFalse();
  }

  @Test
  void otherMetadataOfAufsIsLeftOut() throws Exception {
    unpack(new Layers().directory(".wh..wh.plnk", 0755).file(".wh..wh.aufs", "").file("a", ""));

    try (var children = Files.list(root)) {
      assertThat(children.map(child -> child.getFileName().toString())).containsExactly("a");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"d/.wh.", "d/.wh..", "d/.wh..."})
  void whiteoutOfNothingIsRefused(String name) {
    assertThatThrownBy(() -> unpack(new Layers().file("d/a", "1"), new Layers().file(name, "")))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("whiteout");
  }

  @Test
  void linksAreKeptAsTheyAre() throws Exception {
    unpack(new Layers().link("abs", "/etc/x").link("up", "../../../x").link("rel", "a"));

    assertThat(Files.readSymbolicLink(root.resolve("abs"))).hasToString("/etc/x");
    assertThat(Files.readSymbolicLink(root.resolve("up"))).hasToString("../../../x");
    assertThat(Files.readSymbolicLink(root.resolve("rel"))).hasToString("a");
  }

  @Test
  void directoriesThatAreLinksLeadWhereTheyWouldInTheImage() throws Exception {
    unpack(
        new Layers()
            .directory("usr/bin", 0755)
            .link("bin", "usr/bin")
            .link("sbin", "/usr/bin")
            .link("odd", "../../usr/./bin/../bin"),
        new Layers().file("bin/a", "1").file("sbin/b", "2").file("odd/c", "3"));

    assertThat(read("usr/bin/a")).isEqualTo("1");
    assertThat(read("usr/bin/b")).isEqualTo("2");
    assertThat(read("usr/bin/c")).isEqualTo("3");
  }

  @Test
  void nothingIsWrittenOutsideThroughALinkToADirectory() throws Exception {
    unpack(
        new Layers()
            .link("evil", outside.toString())
            .link("evil2", "../outside")
            .file("evil/file", "written")
            .file("evil2/new", "written"));

    assertThat(outside.resolve("file")).hasContent("untouched");
    assertThat(outside.resolve("new")).doesNotExist();
    assertThat(root.resolve(outside.toString().substring(1)).resolve("file")).hasContent("written");
  }

  @Test
  void nothingIsWrittenOutsideThroughALinkToAFile() throws Exception {
    unpack(new Layers().link("a", outside.resolve("file").toString()).file("a", "written"));

    assertThat(outside.resolve("file")).hasContent("untouched");
    assertThat(read("a")).isEqualTo("written");
  }

  @Test
  void hardLinksToOutsideAreRefused() {
    assertThatThrownBy(() -> unpack(new Layers().hardLink("a", outside.resolve("file").toString())))
        .hasMessageContaining("no file of it");
    assertThatThrownBy(() -> unpack(new Layers().hardLink("b", "../outside/file")))
        .hasMessageContaining("leads out");
    assertThatThrownBy(() -> unpack(new Layers().link("l", "../outside").hardLink("c", "l/file")))
        .hasMessageContaining("no file of it");
    assertThat(outside.resolve("file")).hasContent("untouched");
  }

  @Test
  void hardLinkSharesItsFileAlsoAcrossLayers() throws Exception {
    unpack(
        new Layers().file("a", "1").link("l", "/nowhere"),
        new Layers().hardLink("b", "/a").hardLink("a2", "l").hardLink("b", "b"));

    assertThat(Files.isSameFile(root.resolve("a"), root.resolve("b"))).isTrue();
    assertThat(Files.readSymbolicLink(root.resolve("a2"))).hasToString("/nowhere");
  }

  @Test
  void replacedHardLinkLeavesTheOtherNameAsItWas() throws Exception {
    unpack(new Layers().file("a", "1").hardLink("b", "a"), new Layers().file("b", "2"));

    assertThat(read("a")).isEqualTo("1");
    assertThat(read("b")).isEqualTo("2");
  }

  @Test
  void modesAreKeptWithoutSetUserIdAndTheOwnerIsNeverLockedOut() throws Exception {
    unpack(
        new Layers()
            .file("su", 04755, new byte[0])
            .file("sg", 02755, new byte[0])
            .file("secret", 0, new byte[0])
            .directory("closed", 0)
            .directory("tmp", 01777));

    assertThat(mode("su")).isEqualTo("rwxr-xr-x");
    assertThat((int) Files.getAttribute(root.resolve("su"), "unix:mode") & 07000).isZero();
    assertThat((int) Files.getAttribute(root.resolve("sg"), "unix:mode") & 07000).isZero();
    assertThat(mode("secret")).isEqualTo("rw-------");
    assertThat(mode("closed")).isEqualTo("rwx------");
    assertThat(mode("tmp")).isEqualTo("rwxrwxrwx");
  }

  @Test
  void devicesAndPipesAreLeftOut() throws Exception {
    unpack(
        new Layers()
            .special("dev/null", TarConstants.LF_CHR)
            .special("dev/sda", TarConstants.LF_BLK)
            .special("pipe", TarConstants.LF_FIFO)
            .file("a", "1"));

    assertThat(isThere("dev/null")).isFalse();
    assertThat(isThere("dev/sda")).isFalse();
    assertThat(isThere("pipe")).isFalse();
    assertThat(read("a")).isEqualTo("1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../x", "a/../../x", "/../x", "a/.."})
  void namesThatGoUpAreRefused(String name) {
    assertThatThrownBy(() -> unpack(new Layers().file(name, "1")))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("leads out");
  }

  @Test
  void namesFromTheRootAreOfTheImage() throws Exception {
    unpack(new Layers().file("/etc/a", "1").directory("./", 0755).file("./b", "2"));

    assertThat(read("etc/a")).isEqualTo("1");
    assertThat(read("b")).isEqualTo("2");
  }

  @Test
  void nameThroughAFileIsRefused() {
    assertThatThrownBy(() -> unpack(new Layers().file("a", "1").file("a/b", "2")))
        .hasMessageContaining("through a file");
  }

  @Test
  void linksInACircleAreRefused() {
    assertThatThrownBy(() -> unpack(new Layers().link("a", "b").link("b", "a").file("a/c", "1")))
        .hasMessageContaining("too many links");
  }

  @Test
  void linksThatGrowAreRefused() {
    var layer = new Layers().link("a", "b/".repeat(2000) + "a");
    assertThatThrownBy(() -> unpack(layer.file("a/c", "1")))
        .hasMessageContaining("too many directories");
  }

  @Test
  void limitsCountAllLayersTogether() {
    var bytes = new ArchiveLimits(10, 100, 100, 1 << 20);
    assertThatThrownBy(
            () -> unpack(bytes, new Layers().file("a", "123456"), new Layers().file("b", "12345")))
        .hasMessageContaining("more than 10 bytes");

    var entries = new ArchiveLimits(1 << 20, 2, 100, 1 << 20);
    assertThatThrownBy(
            () ->
                unpack(
                    entries, new Layers().file("c", "").file("c", ""), new Layers().file("d", "")))
        .hasMessageContaining("more than 2 entries");
  }

  @Test
  void layerThatUnpacksToFarMoreThanItsSizeIsRefused() {
    var limits = new ArchiveLimits(1L << 30, 100, 10, 1 << 20);
    assertThatThrownBy(() -> unpack(limits, new Layers().file("a", 0644, new byte[4 << 20])))
        .hasMessageContaining("times its size");
  }

  @Test
  void brokenLayersAreToldFromOtherTrouble() throws Exception {
    var packed = new Layers().file("a", 0644, new byte[100_000]).gzip();
    var cut = Files.write(temporary.resolve("cut"), java.util.Arrays.copyOf(packed, 60));
    var zstd = Files.write(temporary.resolve("zstd"), new byte[] {0x28, (byte) 0xb5, 0x2f, -3, 0});
    var unpacker = new LayerUnpacker(root, ArchiveLimits.DEFAULT);

    assertThatThrownBy(() -> unpacker.add(cut)).hasMessage("a layer is broken");
    assertThatThrownBy(() -> unpacker.add(zstd)).hasMessageContaining("zstd");
  }

  @Test
  void layerThatIsNotPackedIsTaken() throws Exception {
    var plain = Files.write(temporary.resolve("plain"), new Layers().file("a", "1").plain());

    new LayerUnpacker(root, ArchiveLimits.DEFAULT).add(plain);

    assertThat(read("a")).isEqualTo("1");
  }
}
