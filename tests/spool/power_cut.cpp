#include "power_cut.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <map>
#include <mutex>
#include <new>
#include <random>
#include <vector>

namespace ipm::spool::test {
namespace {

constexpr std::size_t kSectorBytes = 512;  // What a disk writes whole or not at all.

struct Write {
  std::uint64_t offset = 0;
  std::string bytes;
  bool truncates = false;  // The file ends at `offset` then.
};

// One file, however many connections have it open.
struct Content {
  std::string durable;
  std::vector<Write> pending;

  static void apply(std::string& content, const Write& write) {
    if (write.truncates) {
      content.resize(write.offset);
      return;
    }
    if (content.size() < write.offset + write.bytes.size()) {
      content.resize(write.offset + write.bytes.size());
    }
    content.replace(write.offset, write.bytes.size(), write.bytes);
  }

  void sync() {
    for (const auto& write : pending) apply(durable, write);
    pending.clear();
  }

  // Nothing of what is pending, all of it up to some moment, or any of its sectors.
  std::string after_cut(std::mt19937_64& random) const {
    std::string content = durable;
    const auto kind = random() % 3;
    if (kind == 0) return content;
    const std::size_t count =
        kind == 1 && !pending.empty() ? random() % pending.size() : pending.size();
    for (std::size_t i = 0; i < count; ++i) {
      const Write& write = pending[i];
      if (kind == 1) {
        apply(content, write);
        continue;
      }
      if (write.truncates && random() % 2 == 0) apply(content, write);
      for (std::size_t at = 0; at < write.bytes.size(); at += kSectorBytes) {
        if (random() % 2 == 0) continue;
        apply(content, {write.offset + at, write.bytes.substr(at, kSectorBytes), false});
      }
    }
    return content;
  }
};

std::error_code code_of(PowerCut::Answer answer) {
  switch (answer) {
    case PowerCut::Answer::Full:
      return std::make_error_code(std::errc::no_space_on_device);
    case PowerCut::Answer::Broken:
      return std::make_error_code(std::errc::io_error);
    case PowerCut::Answer::Yes:
      break;
  }
  return {};
}

// Documents: whole files, which nobody changes once they have their name.
class LossyDocuments final : public sqlite::Durability {
 public:
  std::function<PowerCut::Answer(PowerCut::Doing)> judge;

  std::error_code sync(os::File& /*file*/, const std::filesystem::path& path) override {
    const std::lock_guard lock(mutex_);
    // Its bytes were written since it was made: a full disk says so here at the latest.
    for (const auto doing : {PowerCut::Doing::Grow, PowerCut::Doing::Sync}) {
      if (const auto failure = code_of(asked(doing))) return failure;
    }
    synced_[path] = content_of(path);
    return {};
  }

  std::error_code replace(const std::filesystem::path& from,
                          const std::filesystem::path& to) override {
    const std::lock_guard lock(mutex_);
    if (const auto refused = code_of(asked(PowerCut::Doing::Write))) return refused;
    const std::error_code failure = Durability::replace(from, to);
    if (failure) return failure;
    const auto synced = synced_.find(from);
    const bool whole = synced != synced_.end();
    renamed_[to.filename()] = {whole ? synced->second : content_of(to), whole};
    if (whole) synced_.erase(synced);
    return {};
  }

  std::error_code sync_names(const os::Folder& /*folder*/,
                             const std::filesystem::path& /*path*/) override {
    const std::lock_guard lock(mutex_);
    if (const auto refused = code_of(asked(PowerCut::Doing::Sync))) return refused;
    for (auto& [name, file] : renamed_) named_[name] = std::move(file);
    renamed_.clear();
    return {};
  }

  void copy(const std::filesystem::path& to, std::mt19937_64& random) const {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, file] : named_) file.write(to / name, random);
    // The new name is there, or the old one, or what was written without a sync under neither.
    for (const auto& [name, file] : renamed_) {
      const auto kind = random() % 3;
      if (kind == 0) file.write(to / name, random);
      if (kind == 1) file.write(to / ("." + name + ".part"), random);
    }
  }

 private:
  struct Document {
    std::string bytes;
    bool synced = false;

    void write(const std::filesystem::path& path, std::mt19937_64& random) const {
      const std::size_t count = synced || bytes.empty() ? bytes.size() : random() % bytes.size();
      std::ofstream(path, std::ios::binary) << bytes.substr(0, count);
    }
  };

  PowerCut::Answer asked(PowerCut::Doing doing) const {
    return judge ? judge(doing) : PowerCut::Answer::Yes;
  }

  static std::string content_of(const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  mutable std::mutex mutex_;
  std::map<std::filesystem::path, std::string> synced_;  // By the name that they had then.
  std::map<std::string, Document> renamed_;              // Since the names were synced.
  std::map<std::string, Document> named_;                // Durable, name and all.
};

}  // namespace

struct PowerCut::State {
  std::shared_ptr<LossyDocuments> documents = std::make_shared<LossyDocuments>();
  mutable std::mutex mutex;
  std::map<std::string, std::shared_ptr<Content>> files;  // By their paths.
  std::uint64_t syncs = 0;
  sqlite3_vfs* below = nullptr;
  sqlite3_vfs vfs{};
};

namespace {

using State = PowerCut::State;

// What SQLite allocates for an open file: this, and behind it what the VFS below keeps.
struct OpenFile {
  sqlite3_file head;
  State* state;
  Content* content;  // Null: a temporary file.
  sqlite3_file* below() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

OpenFile& of(sqlite3_file* file) {
  return *reinterpret_cast<OpenFile*>(file);
}

sqlite3_file* below(sqlite3_file* file) {
  return of(file).below();
}

State& of(sqlite3_vfs* vfs) {
  return *static_cast<State*>(vfs->pAppData);
}

int close(sqlite3_file* file) {
  return below(file)->pMethods->xClose(below(file));
}

int read(sqlite3_file* file, void* into, int count, sqlite3_int64 offset) {
  return below(file)->pMethods->xRead(below(file), into, count, offset);
}

void remember(OpenFile& file, Write write) {
  if (file.content == nullptr) return;
  const std::lock_guard lock(file.state->mutex);
  file.content->pending.push_back(std::move(write));
}

// What SQLite is told; temporary files lie elsewhere.
int ask(sqlite3_file* file, PowerCut::Doing doing, int broken) {
  const OpenFile& open = of(file);
  if (open.content == nullptr || !open.state->documents->judge) return SQLITE_OK;
  switch (open.state->documents->judge(doing)) {
    case PowerCut::Answer::Full:
      return SQLITE_FULL;
    case PowerCut::Answer::Broken:
      return broken;
    case PowerCut::Answer::Yes:
      break;
  }
  return SQLITE_OK;
}

int write(sqlite3_file* file, const void* from, int count, sqlite3_int64 offset) {
  sqlite3_int64 size = 0;
  below(file)->pMethods->xFileSize(below(file), &size);
  const auto doing = offset + count > size ? PowerCut::Doing::Grow : PowerCut::Doing::Write;
  if (const int failure = ask(file, doing, SQLITE_IOERR_WRITE)) return failure;
  remember(of(file), {static_cast<std::uint64_t>(offset),
                      {static_cast<const char*>(from), static_cast<std::size_t>(count)},
                      false});
  return below(file)->pMethods->xWrite(below(file), from, count, offset);
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
  if (const int failure = ask(file, PowerCut::Doing::Write, SQLITE_IOERR_TRUNCATE)) return failure;
  remember(of(file), {static_cast<std::uint64_t>(size), {}, true});
  return below(file)->pMethods->xTruncate(below(file), size);
}

// The real files need no sync: this process goes on.
int sync(sqlite3_file* file, int /*flags*/) {
  OpenFile& open = of(file);
  if (open.content == nullptr) return SQLITE_OK;
  if (const int failure = ask(file, PowerCut::Doing::Sync, SQLITE_IOERR_FSYNC)) return failure;
  const std::lock_guard lock(open.state->mutex);
  open.content->sync();
  ++open.state->syncs;
  return SQLITE_OK;
}

const sqlite3_io_methods kMethods = {
    2,  // Without xFetch: what is mapped into memory would go past us.
    close,
    read,
    write,
    truncate,
    sync,
    [](sqlite3_file* file, sqlite3_int64* size) {
      return below(file)->pMethods->xFileSize(below(file), size);
    },
    [](sqlite3_file* file, int level) { return below(file)->pMethods->xLock(below(file), level); },
    [](sqlite3_file* file, int level) {
      return below(file)->pMethods->xUnlock(below(file), level);
    },
    [](sqlite3_file* file, int* held) {
      return below(file)->pMethods->xCheckReservedLock(below(file), held);
    },
    [](sqlite3_file* file, int operation, void* argument) {
      return below(file)->pMethods->xFileControl(below(file), operation, argument);
    },
    [](sqlite3_file*) { return static_cast<int>(kSectorBytes); },
    [](sqlite3_file*) { return 0; },  // This disk promises nothing.
    [](sqlite3_file* file, int region, int bytes, int extend, void volatile** memory) {
      return below(file)->pMethods->xShmMap(below(file), region, bytes, extend, memory);
    },
    [](sqlite3_file* file, int offset, int count, int flags) {
      return below(file)->pMethods->xShmLock(below(file), offset, count, flags);
    },
    [](sqlite3_file* file) { below(file)->pMethods->xShmBarrier(below(file)); },
    [](sqlite3_file* file, int remove) {
      return below(file)->pMethods->xShmUnmap(below(file), remove);
    },
    nullptr,
    nullptr,
};

int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
  State& state = of(vfs);
  auto* opened = ::new (file) OpenFile{{nullptr}, &state, nullptr};
  const int code = state.below->xOpen(state.below, name, opened->below(), flags, out);
  if (code != SQLITE_OK) return code;
  opened->head.pMethods = &kMethods;
  if (name == nullptr) return code;
  const std::lock_guard lock(state.mutex);
  auto& content = state.files[name];
  if (!content) {
    // What is there already was there before the power cut's time.
    std::ifstream stream(name, std::ios::binary);
    content = std::make_shared<Content>();
    content->durable.assign(std::istreambuf_iterator<char>(stream), {});
  }
  opened->content = content.get();
  return code;
}

int remove(sqlite3_vfs* vfs, const char* name, int /*sync_folder*/) {
  State& state = of(vfs);
  if (state.documents->judge &&
      state.documents->judge(PowerCut::Doing::Write) != PowerCut::Answer::Yes) {
    return SQLITE_IOERR_DELETE;
  }
  {
    const std::lock_guard lock(state.mutex);
    if (const auto at = state.files.find(name); at != state.files.end()) *at->second = Content();
  }
  return state.below->xDelete(state.below, name, 0);
}

}  // namespace

PowerCut::PowerCut() : state_(std::make_unique<State>()) {
  state_->below = sqlite3_vfs_find(nullptr);
  state_->vfs = *state_->below;
  sqlite3_vfs& vfs = state_->vfs;
  vfs.zName = "power-cut";
  vfs.pNext = nullptr;
  vfs.szOsFile = static_cast<int>(sizeof(OpenFile)) + state_->below->szOsFile;
  vfs.pAppData = state_.get();
  vfs.xOpen = open;
  vfs.xDelete = remove;
  vfs.xAccess = [](sqlite3_vfs* self, const char* name, int flags, int* result) {
    return of(self).below->xAccess(of(self).below, name, flags, result);
  };
  vfs.xFullPathname = [](sqlite3_vfs* self, const char* name, int bytes, char* path) {
    return of(self).below->xFullPathname(of(self).below, name, bytes, path);
  };
  sqlite3_vfs_register(&vfs, 1);
}

PowerCut::~PowerCut() {
  sqlite3_vfs_unregister(&state_->vfs);
  sqlite3_vfs_register(state_->below, 1);
}

void PowerCut::copy(const std::filesystem::path& from, const std::filesystem::path& to,
                    std::uint64_t seed) const {
  std::filesystem::create_directories(to / "documents");
  std::mt19937_64 random(seed);
  // No row may be in the copy whose document came after: the rows are looked at first.
  const std::lock_guard lock(state_->mutex);
  for (const auto& [name, content] : state_->files) {
    const std::filesystem::path path = name;
    if (path.parent_path() != from) continue;
    const std::string bytes = content->after_cut(random);
    if (bytes.empty()) continue;
    std::ofstream(to / path.filename(), std::ios::binary) << bytes;
  }
  state_->documents->copy(to / "documents", random);
}

void PowerCut::ask(std::function<Answer(Doing)> judge) {
  state_->documents->judge = std::move(judge);
}

std::shared_ptr<sqlite::Durability> PowerCut::durability() const {
  return state_->documents;
}

std::uint64_t PowerCut::syncs() const {
  const std::lock_guard lock(state_->mutex);
  return state_->syncs;
}

}  // namespace ipm::spool::test
