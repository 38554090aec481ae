package dev.ccbridge.receptor.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import org.h2.store.fs.FileBaseDefault;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/**
 * A file of which the header never points at what is not on the disk yet. The library writes a
 * commit and then the header without a sync in between; a machine that goes down may have kept the
 * second and not the first, and the commit before, which was acknowledged, is then not found.
 */
public final class OrderedDisk extends FilePathWrapper {
  private static final String SCHEME = "ordered";

  static {
    FilePath.register(new OrderedDisk());
  }

  /** For the library, which makes one for each path; so this and the class are public. */
  public OrderedDisk() {}

  /** How the library is told to use it. */
  static String nameOf(Path path) {
    return SCHEME + ":" + path;
  }

  @Override
  public String getScheme() {
    return SCHEME;
  }

  @Override
  public FileChannel open(String mode) throws IOException {
    return new Channel(getBase().open(mode));
  }

  private static final class Channel extends FileBaseDefault {
    private static final long HEADER = 0;
    private final FileChannel base;

    Channel(FileChannel base) {
      this.base = base;
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
      return base.read(target, position);
    }

    @Override
    public int write(ByteBuffer source, long position) throws IOException {
      if (position == HEADER) {
        base.force(true);
      }
      return base.write(source, position);
    }

    @Override
    public long size() throws IOException {
      return base.size();
    }

    @Override
    protected void implTruncate(long size) throws IOException {
      base.truncate(size);
    }

    @Override
    public void force(boolean metaData) throws IOException {
      base.force(metaData);
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) throws IOException {
      return base.tryLock(position, size, shared);
    }

    @Override
    protected void implCloseChannel() throws IOException {
      base.close();
    }
  }
}
