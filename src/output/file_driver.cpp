#include "output/file_driver.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/files.h"
#include "output/blocking.h"
#include "output/limits.h"

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

[[noreturn]] void failed(const fs::path& path, int number) {
  throw Error(Message::FileUnwritable,
              fmt::format("{} cannot be written: {}", path.string(), errno_text(number)),
              "a folder with free space that ipmd may write to");
}

// Blocking; on the pool. What is there under the final name is whole, whatever happens.
void write_document(const fs::path& folder, const std::string& name, const Document& document) {
  const fs::path aside = folder / ("." + name + ".part");
  const FileHandle file{
      ::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640)};
  if (!file) failed(aside, errno);
  try {
    const auto source = document.open();
    std::vector<unsigned char> buffer(std::clamp<std::uint64_t>(document.bytes, 1, kPieceBytes));
    std::uint64_t total = 0;
    for (;;) {
      const std::size_t got = source->read(buffer);
      if (got == 0) break;
      for (std::size_t written = 0; written < got;) {
        const auto wrote = ::write(file.get(), buffer.data() + written, got - written);
        if (wrote < 0 && errno != EINTR) failed(aside, errno);
        if (wrote > 0) written += static_cast<std::size_t>(wrote);
      }
      total += got;
    }
    if (total != document.bytes) {
      throw Error(Message::SpoolDamaged,
                  fmt::format("the document has {} bytes instead of {}", total, document.bytes),
                  "the document as it was acknowledged");
    }
    if (::fsync(file.get()) != 0) failed(aside, errno);
    if (::rename(aside.c_str(), (folder / name).c_str()) != 0) failed(folder / name, errno);
    sync_folder(folder);
  } catch (...) {
    ::unlink(aside.c_str());
    throw;
  }
}

class FileDriver final : public Driver {
 public:
  FileDriver(fs::path folder, DeviceSettings settings, asio::thread_pool& pool)
      : folder_(std::move(folder)), settings_(std::move(settings)), pool_(pool) {}

  asio::awaitable<Result> deliver(const Assignment& assignment, Cancellation& cancellation,
                                  const Progress& progress) const override {
    std::uint64_t sent = 0;
    Result result;
    try {
      for (const Document& document : assignment.documents) {
        for (int copy = 1; copy <= assignment.copies; ++copy) {
          if (cancellation.requested()) co_return ended_by(cancellation);
          const std::string name = file_name_of(assignment, document, copy);
          auto work = [this, &document, &name] {
            write_document(folder_, name, document);
            return true;
          };
          co_await run_blocking(pool_, std::move(work));
          sent += document.bytes;
          if (progress.sent) progress.sent(sent);
          result.text = fmt::format("in {}", (folder_ / name).string());
        }
      }
    } catch (const Error& error) {
      if (error.message() == Message::SpoolDamaged)
        co_return Result{Outcome::JobRefused, error.happened()};
      co_return Result{Outcome::DeviceAway, error.happened(), {"media-full"}};
    }
    co_return result;
  }

  asio::awaitable<std::optional<DeviceDescription>> describe(Cancellation&) const override {
    co_return declared_by(settings_);
  }

 private:
  fs::path folder_;
  DeviceSettings settings_;
  asio::thread_pool& pool_;
};

}  // namespace

std::string file_name_of(const Assignment& assignment, const Document& document, int copy) {
  std::string name = fmt::format("job-{}-{}", assignment.job_id, document.number);
  if (copy > 1) name += fmt::format("-copy{}", copy);
  const std::string given = document.name.empty() ? assignment.job_name : document.name;
  std::string stem = fs::path(given).stem().string();
  std::replace_if(stem.begin(), stem.end(), [](char c) { return !is_harmless(c); }, '_');
  if (!stem.empty()) name += "-" + stem.substr(0, kFileNameBytesMax);
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
  if (::access(folder.c_str(), W_OK | X_OK) != 0) {
    throw Error(Message::DeviceUriUnsupported,
                fmt::format("{} may not be written to", folder.string()),
                "a folder that the user running ipmd may write to");
  }
  return std::make_unique<FileDriver>(folder, settings, *environment.pool);
}

}  // namespace ipm::output
