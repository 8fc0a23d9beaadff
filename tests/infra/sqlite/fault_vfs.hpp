#pragma once

#include <sqlite3.h>

#include <atomic>

namespace danwa::tests {

/// SQLite's file layer with faults on demand: the default one, whose syncs and writes of write-ahead logs,
/// and reads of everything, fail while told so. Installed for the whole process by the first use.
class FaultVfs {
 public:
  static FaultVfs& instance() {
    static FaultVfs vfs;
    return vfs;
  }

  std::atomic<int> failing_syncs{0};   ///< this many of the next syncs of a write-ahead log fail
  std::atomic<bool> disk_full{false};  ///< writes to a write-ahead log find no room
  std::atomic<bool> gone{false};       ///< nothing can be read any more, only what is cached
  std::atomic<bool> goes{false};       ///< `gone` from the next sync of a write-ahead log on, which succeeds

 private:
  struct File {
    sqlite3_file base;
    bool is_wal;
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  };

  FaultVfs() {
    real_ = sqlite3_vfs_find(nullptr);
    vfs_ = *real_;
    vfs_.zName = "danwa-fault";
    vfs_.pNext = nullptr;
    vfs_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
    vfs_.xOpen = &open;
    sqlite3_vfs_register(&vfs_, 1);
  }

  static File& of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
  static sqlite3_file* real(sqlite3_file* file) { return of(file).real(); }

  static int open(sqlite3_vfs* /*vfs*/, const char* name, sqlite3_file* file, int flags, int* out) {
    File& mine = of(file);
    const sqlite3_io_methods& methods = methods_table();
    mine.base.pMethods = nullptr;
    mine.is_wal = (flags & SQLITE_OPEN_WAL) != 0;
    sqlite3_vfs* below = instance().real_;
    const int code = below->xOpen(below, name, mine.real(), flags, out);
    if (mine.real()->pMethods != nullptr) mine.base.pMethods = &methods;
    return code;
  }

  static int read(sqlite3_file* file, void* data, int size, sqlite3_int64 offset) {
    if (instance().gone) return SQLITE_IOERR_READ;
    return real(file)->pMethods->xRead(real(file), data, size, offset);
  }

  static int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
    if (of(file).is_wal && instance().disk_full) return SQLITE_FULL;
    return real(file)->pMethods->xWrite(real(file), data, size, offset);
  }

  static int sync(sqlite3_file* file, int flags) {
    if (of(file).is_wal && instance().failing_syncs > 0) {
      --instance().failing_syncs;
      return SQLITE_IOERR_FSYNC;
    }
    if (of(file).is_wal && instance().goes) instance().gone = true;
    return real(file)->pMethods->xSync(real(file), flags);
  }

  static const sqlite3_io_methods& methods_table() {
    static const sqlite3_io_methods methods{
        .iVersion = 3,
        .xClose = [](sqlite3_file* f) { return real(f)->pMethods->xClose(real(f)); },
        .xRead = &read,
        .xWrite = &write,
        .xTruncate = [](sqlite3_file* f, sqlite3_int64 n) { return real(f)->pMethods->xTruncate(real(f), n); },
        .xSync = &sync,
        .xFileSize = [](sqlite3_file* f, sqlite3_int64* n) { return real(f)->pMethods->xFileSize(real(f), n); },
        .xLock = [](sqlite3_file* f, int l) { return real(f)->pMethods->xLock(real(f), l); },
        .xUnlock = [](sqlite3_file* f, int l) { return real(f)->pMethods->xUnlock(real(f), l); },
        .xCheckReservedLock = [](sqlite3_file* f, int* r) { return real(f)->pMethods->xCheckReservedLock(real(f), r); },
        .xFileControl = [](sqlite3_file* f, int op,
                           void* p) { return real(f)->pMethods->xFileControl(real(f), op, p); },
        .xSectorSize = [](sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); },
        .xDeviceCharacteristics = [](sqlite3_file* f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); },
        .xShmMap = [](sqlite3_file* f, int i, int n, int e,
                      void volatile** p) { return real(f)->pMethods->xShmMap(real(f), i, n, e, p); },
        .xShmLock = [](sqlite3_file* f, int o, int n,
                       int fl) { return real(f)->pMethods->xShmLock(real(f), o, n, fl); },
        .xShmBarrier = [](sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); },
        .xShmUnmap = [](sqlite3_file* f, int d) { return real(f)->pMethods->xShmUnmap(real(f), d); },
        .xFetch = [](sqlite3_file* f, sqlite3_int64 o, int n,
                     void** p) { return real(f)->pMethods->xFetch(real(f), o, n, p); },
        .xUnfetch = [](sqlite3_file* f, sqlite3_int64 o,
                       void* p) { return real(f)->pMethods->xUnfetch(real(f), o, p); },
    };
    return methods;
  }

  sqlite3_vfs* real_ = nullptr;
  sqlite3_vfs vfs_{};
};

}  // namespace danwa::tests
