#include "output/file/file_driver.h"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <atomic>
#include <utility>

#include "base/text.h"
#include "os/error.h"
#include "os/facts.h"
#include "os/file.h"
#include "os/folder.h"
#include "os/lock.h"
#include "output/device_pool.h"
#include "output/limits.h"
#include "pki/random.h"

namespace ipm::output {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;

bool is_harmless(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

std::string_view ending_of(std::string_view format) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kEndings = {{
      {"application/pdf", ".pdf"},
      {"application/postscript", ".ps"},
      {"application/vnd.hp-PCL", ".pcl"},
      {"image/jpeg", ".jpg"},
      {"image/png", ".png"},
      {"image/pwg-raster", ".pwg"},
      {"image/tiff", ".tiff"},
      {"image/urf", ".urf"},
      {"text/plain", ".txt"},
  }};
  const auto* found = std::find_if(kEndings.begin(), kEndings.end(),
                                   [&](const auto& row) { return row.first == format; });
  return found == kEndings.end() ? ".prn" : found->second;
}

// What went wrong with one file, and whose matter it is.
struct Failure {
  Outcome outcome = Outcome::DeviceAway;
  std::string text;
  std::string reason = "other";
};

// A name that is taken concerns this job only; a folder that is away, full or closed to us, all.
Failure failure_of(const fs::path& path, const std::error_code& failure, bool naming) {
  Failure told{Outcome::DeviceAway, fmt::format("{} cannot be written: {}",
                                                printable(path.string()), os::text_of(failure))};
  if (failure == std::errc::no_space_on_device || failure == std::errc::file_too_large) {
    told.reason = "output-area-full";
  }
  const bool taken =
      failure == std::errc::is_a_directory || failure == std::errc::file_exists ||
      failure == std::errc::not_a_directory || failure == std::errc::directory_not_empty ||
      failure == std::errc::operation_not_permitted || failure == std::errc::filename_too_long;
  if (naming && taken) {
    told.outcome = Outcome::JobFailed;
    told.text += "; move away what has that name";
  }
  return told;
}

constexpr std::string_view kPartBegins = ".ipm-";
constexpr std::string_view kPartEnds = ".part";

// Nobody can have made this file beforehand, or foresee its name.
std::string part_name() {
  std::array<unsigned char, 12> random{};
  pki::fill_random(random);
  return fmt::format("{}{}{}", kPartBegins, to_hex(random), kPartEnds);
}

// Removes what a server that was killed in the middle of a delivery left in `folder`. A part that is
// being written is locked by its writer, and stays.
void sweep_parts(const fs::path& folder) {
  std::vector<fs::path> left;
  std::error_code failure;
  const auto opened = os::Folder::open(folder, failure);
  if (failure) return;  // the delivery says what is wrong with it
  opened.walk([&](std::string_view name, const os::Facts& facts) {
    if (facts.kind == os::Kind::File && name.starts_with(kPartBegins) &&
        name.ends_with(kPartEnds)) {
      left.push_back(folder / name);
    }
  });
  for (const fs::path& part : left) {
    // What has gone meanwhile must not be made again.
    const auto file = os::File::open(part, os::Intent::ReadOwn, failure);
    if (!file) continue;
    const auto lock = os::Lock::try_take_open(file.handle(), failure);
    if (lock) os::remove_file(part);
  }
}

// The file system that a folder is on, by a number; 0 where there is no such folder. The empty name
// behind it makes a link to a folder that folder.
std::uint64_t volume_of(const fs::path& folder) {
  const auto identity = os::find_identity(folder / "");
  return identity ? identity->volume : 0;
}

// Removes a file that did not get its final name.
class Part {
 public:
  explicit Part(fs::path path) : path_(std::move(path)) {}
  Part(const Part&) = delete;
  Part& operator=(const Part&) = delete;
  ~Part() {
    if (!path_.empty()) os::remove_file(path_);
  }
  void keep() { path_.clear(); }

 private:
  fs::path path_;
};

struct Written {
  bool whole = false;  // else `halt` came between two pieces, or a failure: nothing is there
  std::optional<Failure> failure = {};
  std::uint64_t volume = 0;  // that it is on, when whole
};

// Blocking, perhaps for ever. What is there under the final name is whole, whatever happens. Throws
// what the source throws.
Written write_document(const fs::path& folder, const std::string& name, const Document& document,
                       const std::atomic<bool>& halt) {
  const fs::path aside = folder / part_name();
  std::error_code failure;
  os::File file = os::File::open(aside, os::Intent::Make, failure, os::Privacy::OwnerAndGroup);
  if (!file) return {false, failure_of(aside, failure, false)};
  Part part(aside);
  // Against sweep_parts() of another driver, which may have been quicker: then its name has gone.
  const auto lock = os::Lock::try_take_open(file.handle(), failure);
  if (!lock) return {false, failure_of(aside, failure, false)};
  if (const auto facts = file.facts(failure); failure || facts.kind != os::Kind::File) {
    return {false, Failure{Outcome::DeviceAway,
                           fmt::format("{} is no plain file", printable(aside.string()))}};
  }
  const auto source = document.open();
  std::vector<unsigned char> buffer(std::clamp<std::uint64_t>(document.bytes, 1, kPieceBytes));
  std::uint64_t total = 0;
  for (;;) {
    if (halt) return {};
    const std::size_t got = source->read(buffer);
    if (got == 0) break;
    failure = file.write_all({reinterpret_cast<const char*>(buffer.data()), got});
    if (failure) return {false, failure_of(aside, failure, false)};
    total += got;
  }
  if (total != document.bytes) {
    throw Error(Message::SpoolDamaged,
                fmt::format("the document has {} bytes instead of {}", total, document.bytes),
                "the document as it was acknowledged");
  }
  failure = file.sync();
  if (failure) return {false, failure_of(aside, failure, false)};
  if (halt) return {};
  failure = os::replace(aside, folder / name);
  if (failure) return {false, failure_of(folder / name, failure, true)};
  part.keep();
  const auto opened = os::Folder::open(folder, failure);
  if (!failure) failure = opened.sync();
  if (failure) return {false, failure_of(folder, failure, false)};
  return {true, std::nullopt, volume_of(folder)};
}

class FileDriver final : public Driver {
 public:
  FileDriver(fs::path folder, DeviceSettings settings, DevicePool& devices)
      : folder_(std::move(folder)),
        settings_(std::move(settings)),
        devices_(devices),
        volume_(volume_of(folder_)) {}

  asio::awaitable<Result> deliver(const Assignment& assignment, Cancellation& cancellation,
                                  const Progress& progress) const override {
    std::uint64_t sent = 0;
    Result result;
    // Shared with the work, which may hang in the device when nobody waits for it any more.
    const auto halt = std::make_shared<std::atomic<bool>>(false);
    const Cancellation::Action action(cancellation, [halt] { *halt = true; });
    if (!swept_.exchange(true)) {
      auto sweep = [folder = folder_] {
        sweep_parts(folder);
        return true;
      };
      co_await devices_.run(place(), std::move(sweep));
    }
    for (const Document& document : assignment.documents) {
      for (int copy = 1; copy <= assignment.copies; ++copy) {
        if (cancellation.requested()) co_return ended_by(cancellation);
        const std::string name = file_name_of(assignment, document, copy);
        Written written;
        std::string damage;
        try {
          auto work = [folder = folder_, name, document, halt] {
            return write_document(folder, name, document, *halt);
          };
          written = co_await devices_.run(place(), std::move(work));
          if (written.whole) volume_ = written.volume;
        } catch (const Error& error) {
          damage = error.happened();
        }
        if (!damage.empty()) co_return Result{Outcome::JobRefused, damage};
        if (written.failure) {
          co_return Result{
              written.failure->outcome, written.failure->text, {written.failure->reason}};
        }
        if (!written.whole) co_return ended_by(cancellation);
        sent += document.bytes;
        if (progress.sent) progress.sent(sent);
        result.text = fmt::format("in {}", printable((folder_ / name).string()));
      }
    }
    co_return result;
  }

  asio::awaitable<std::optional<DeviceDescription>> describe(Cancellation&) const override {
    co_return declared_by(settings_);
  }

 private:
  DevicePool::Place place() const {
    return {fmt::format("volume {}", volume_.load()), folder_.string()};
  }

  fs::path folder_;
  DeviceSettings settings_;
  DevicePool& devices_;
  // Where the folder was when it was last written to: another file system may be mounted there.
  mutable std::atomic<std::uint64_t> volume_;
  mutable std::atomic<bool> swept_{false};  // once, before the first delivery
};

}  // namespace

std::string file_name_of(const Assignment& assignment, const Document& document, int copy) {
  std::string name = fmt::format("job-{}-{}", assignment.job_id, document.number);
  if (copy > 1) name += fmt::format("-copy{}", copy);
  const std::string given = document.name.empty() ? assignment.job_name : document.name;
  std::string stem = fs::path(given).stem().string();
  std::replace_if(stem.begin(), stem.end(), [](char c) { return !is_harmless(c); }, '_');
  if (!stem.empty()) name += "-" + stem.substr(0, kFileNameBytesMax);  // ASCII by now
  return name + std::string(ending_of(document.format));
}

std::unique_ptr<Driver> make_file_driver(const Uri& device, const DeviceSettings& settings,
                                         const Environment& environment) {
  const fs::path folder(device.path);
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) {
    throw Error(Message::DeviceUriUnsupported, fmt::format("{} is not a folder", folder.string()),
                "an existing folder, as in file:///srv/prints/",
                fmt::format("mkdir -p {}", folder.string()));
  }
  if (!os::may_change(folder)) {
    throw Error(Message::DeviceUriUnsupported,
                fmt::format("{} may not be written to", folder.string()),
                "a folder that the user running ipmd may write to");
  }
  return std::make_unique<FileDriver>(folder, settings, *environment.devices);
}

}  // namespace ipm::output
