#include "small_disk.h"

#include <sqlite3.h>

#include <atomic>
#include <map>
#include <system_error>
#include <utility>

namespace ipm::spool::test {

namespace fs = std::filesystem;

struct SmallDisk::State {
  fs::path folder;
  std::uint64_t bytes = 0;
  std::atomic<std::uint64_t> others{0};
  std::shared_ptr<sqlite::Durability> durability;
  sqlite3_vfs* below = nullptr;
  sqlite3_vfs vfs{};

  std::uint64_t free() const {
    std::uint64_t used = others;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      std::error_code gone;
      const auto size = entry.is_regular_file(gone) ? entry.file_size(gone) : 0;
      // SQLite's memory of the log's index is not what this is about.
      if (!gone && !entry.path().string().ends_with("-shm")) used += size;
    }
    return used < bytes ? bytes - used : 0;
  }
};

namespace {

SmallDisk::State* in_force = nullptr;

class SmallRoom final : public sqlite::Durability {
 public:
  explicit SmallRoom(const SmallDisk::State& state) : state_(state) {}

  fs::space_info space(const fs::path& /*folder*/) override {
    return {state_.bytes, state_.free(), state_.free()};
  }
  std::error_code allocate(os::File& file, std::uint64_t bytes) override {
    if (bytes > state_.free()) return std::make_error_code(std::errc::no_space_on_device);
    return Durability::allocate(file, bytes);
  }

 private:
  const SmallDisk::State& state_;
};

// The system's own methods, but for one: those of databases and those of other files.
std::map<const sqlite3_io_methods*, sqlite3_io_methods> methods;
int (*write_below)(sqlite3_file*, const void*, int, sqlite3_int64) = nullptr;

int write(sqlite3_file* file, const void* from, int count, sqlite3_int64 offset) {
  sqlite3_int64 size = 0;
  file->pMethods->xFileSize(file, &size);
  const sqlite3_int64 end = offset + count;
  if (end > size && static_cast<std::uint64_t>(end - size) > in_force->free()) return SQLITE_FULL;
  return write_below(file, from, count, offset);
}

int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
  sqlite3_vfs* below = static_cast<SmallDisk::State*>(vfs->pAppData)->below;
  const int code = below->xOpen(below, name, file, flags, out);
  if (code != SQLITE_OK || name == nullptr) return code;
  write_below = file->pMethods->xWrite;
  const auto [at, is_new] = methods.try_emplace(file->pMethods, *file->pMethods);
  if (is_new) at->second.xWrite = write;
  file->pMethods = &at->second;
  return code;
}

}  // namespace

SmallDisk::SmallDisk(fs::path folder, std::uint64_t bytes) : state_(std::make_unique<State>()) {
  fs::create_directories(folder);
  state_->folder = std::move(folder);
  state_->bytes = bytes;
  state_->durability = std::make_shared<SmallRoom>(*state_);
  state_->below = sqlite3_vfs_find(nullptr);
  state_->vfs = *state_->below;
  state_->vfs.zName = "small-disk";
  state_->vfs.pNext = nullptr;
  state_->vfs.pAppData = state_.get();
  state_->vfs.xOpen = open;
  in_force = state_.get();
  sqlite3_vfs_register(&state_->vfs, 1);
}

SmallDisk::~SmallDisk() {
  sqlite3_vfs_unregister(&state_->vfs);
  sqlite3_vfs_register(state_->below, 1);
  in_force = nullptr;
}

std::shared_ptr<sqlite::Durability> SmallDisk::durability() const {
  return state_->durability;
}

std::uint64_t SmallDisk::free_bytes() const {
  return state_->free();
}

void SmallDisk::take(std::uint64_t bytes) {
  state_->others += bytes;
}

void SmallDisk::give_back() {
  state_->others = 0;
}

}  // namespace ipm::spool::test
