// floors: spool
//
// What a durable job costs: rate, CPU time, bytes written and latency, for several sizes and
// numbers of clients at once; then the start with many jobs, and one large document.
//
//   spool_bench [FOLDER [SECONDS]]     FOLDER must be on the disk that is to be measured

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <semaphore>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "spool/spool.h"

namespace {

namespace fs = std::filesystem;
using namespace ipm;
using namespace ipm::spool;
using SteadyClock = std::chrono::steady_clock;

double seconds_since(SteadyClock::time_point begun) {
  return std::chrono::duration<double>(SteadyClock::now() - begun).count();
}

// User and system time of this process, all threads.
double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Of this process, to the disk.
std::uint64_t written_bytes() {
  std::ifstream file("/proc/self/io");
  std::string word;
  std::uint64_t bytes = 0;
  while (file >> word) {
    if (word == "write_bytes:") file >> bytes;
  }
  return bytes;
}

std::uint64_t resident_kilobytes() {
  std::ifstream file("/proc/self/status");
  std::string word;
  std::uint64_t kilobytes = 0;
  while (file >> word) {
    if (word == "VmRSS:") file >> kilobytes;
  }
  return kilobytes;
}

struct Load {
  std::string name;
  std::size_t document_bytes = 10'240;
  int at_once = 64;         // Jobs handed in and not yet acknowledged.
  bool whole_life = false;  // Then processing, completed, documents dropped.
  std::size_t inline_bytes_max = Limits().inline_bytes_max;
};

class Bench {
 public:
  Bench(fs::path folder, double seconds) : folder_(std::move(folder)), seconds_(seconds) {}

  void run(const Load& load) {
    const auto spool = fresh(load);
    const std::string body(load.document_bytes, 'p');
    const std::string attributes(1200, 'a');
    std::counting_semaphore<> room(load.at_once);
    std::vector<double> latencies;  // Written on the writer thread alone.
    latencies.reserve(1U << 20U);
    std::atomic<int> failures{0};
    std::size_t jobs = 0;

    const double cpu = cpu_seconds();
    const std::uint64_t written = written_bytes();
    const auto begun = SteadyClock::now();
    while (seconds_since(begun) < seconds_) {
      room.acquire();
      Job job;
      job.id = spool->next_job_id();
      job.destination = "office";
      job.owner = "client.example.com";
      job.name = "report.pdf";
      job.attributes = attributes;
      DocumentWriter writer = spool->new_document(body.size());
      writer.append(body);
      std::vector<NewDocument> documents(1);
      documents[0].info.format = "application/pdf";
      documents[0].document = writer.finish();
      const auto handed_in = SteadyClock::now();
      const JobId id = job.id;
      spool->submit(std::move(job), std::move(documents),
                    [&, id, handed_in](const std::exception_ptr& failure) {
                      if (failure) ++failures;
                      latencies.push_back(seconds_since(handed_in));
                      if (load.whole_life) {
                        finish(*spool, id, room);
                      } else {
                        room.release();
                      }
                    });
      ++jobs;
    }
    spool->flush();
    spool->flush();  // What the completions of the first handed in.
    spool->flush();
    const double took = seconds_since(begun);
    const double cpu_took = cpu_seconds() - cpu;
    const auto counters = spool->counters();
    std::ranges::sort(latencies);
    const auto percentile = [&](double part) {
      return latencies[static_cast<std::size_t>(part * static_cast<double>(latencies.size() - 1))];
    };
    const auto count = static_cast<double>(jobs);
    fmt::print("{:<34} {:>8.0f} {:>9.1f} {:>9.1f} {:>8.1f} {:>8.2f} {:>8.2f} {:>8.2f}{}\n",
               load.name, count / took, 1e6 * cpu_took / count,
               static_cast<double>(written_bytes() - written) / 1024 / count,
               static_cast<double>(counters.changes) / static_cast<double>(counters.groups),
               1e3 * percentile(0.5), 1e3 * percentile(0.99), 1e3 * latencies.back(),
               failures > 0 ? fmt::format("  {} FAILED", failures.load()) : "");
  }

  void start_with(std::size_t jobs) {
    auto spool = fresh({});
    for (std::size_t i = 0; i < jobs; ++i) {
      Job job;
      job.id = spool->next_job_id();
      job.attributes = std::string(1200, 'a');
      DocumentWriter writer = spool->new_document(10'240);
      writer.append(std::string(10'240, 'p'));
      std::vector<NewDocument> documents(1);
      documents[0].document = writer.finish();
      spool->submit(std::move(job), std::move(documents), {});
      if (i % 1000 == 0) spool->flush();
    }
    spool.reset();
    const auto begun = SteadyClock::now();
    spool = open({});
    const auto state = spool->load();
    fmt::print("start with {} jobs: {:.0f} ms\n", state.jobs.size(), 1e3 * seconds_since(begun));
  }

  void large(std::uint64_t bytes) {
    const auto spool = fresh({});
    const std::string piece(64U << 10U, 'p');
    const double cpu = cpu_seconds();
    auto begun = SteadyClock::now();
    DocumentWriter writer = spool->new_document();
    while (writer.bytes() < bytes) writer.append(piece);
    std::vector<NewDocument> documents(1);
    documents[0].document = writer.finish();
    Job job;
    job.id = spool->next_job_id();
    const JobId id = job.id;
    spool->submit(std::move(job), std::move(documents), {});
    spool->flush();
    const double wrote = seconds_since(begun);
    const double cpu_wrote = cpu_seconds() - cpu;
    begun = SteadyClock::now();
    auto reader = spool->find_document(id, 1);
    std::string space(256U << 10U, '\0');
    std::uint64_t read = 0;
    while (const auto got = reader->read(space)) read += got;
    const double took_reading = seconds_since(begun);
    begun = SteadyClock::now();
    JobUpdate over;
    over.id = id;
    over.status.state = JobState::Completed;
    over.status.finished_at = system_clock()();
    over.drop_documents = true;
    spool->update_job(std::move(over), {});
    spool->flush();
    spool->flush();
    fmt::print(
        "{} MiB: stored at {:.0f} MB/s ({:.2f} s CPU), read at {:.0f} MB/s, removed in {:.0f} "
        "ms; {} kB resident\n",
        bytes >> 20U, static_cast<double>(bytes) / wrote / 1e6, cpu_wrote,
        static_cast<double>(read) / took_reading / 1e6, 1e3 * seconds_since(begun),
        resident_kilobytes());
  }

  static void head() {
    fmt::print("{:<34} {:>8} {:>9} {:>9} {:>8} {:>8} {:>8} {:>8}\n", "", "jobs/s", "CPU µs/job",
               "kB/job", "changes", "p50 ms", "p99 ms", "max ms");
    fmt::print("{:<34} {:>8} {:>9} {:>9} {:>8}\n", "", "", "", "written", "a commit");
  }

 private:
  static void finish(Spool& spool, JobId id, std::counting_semaphore<>& room) {
    JobUpdate update;
    update.id = id;
    update.status.state = JobState::Processing;
    update.status.processing_at = TimePoint(std::chrono::seconds(1));
    spool.update_job(update, [&spool, &room, id](const std::exception_ptr&) {
      JobUpdate done;
      done.id = id;
      done.status.state = JobState::Completed;
      done.status.finished_at = TimePoint(std::chrono::seconds(1));
      done.drop_documents = true;
      spool.update_job(done, [&room](const std::exception_ptr&) { room.release(); });
    });
  }

  std::unique_ptr<Spool> fresh(const Load& load) {
    fs::remove_all(folder_ / "spool");
    return open(load);
  }

  std::unique_ptr<Spool> open(const Load& load) {
    Options options;
    options.database = folder_ / "spool/spool.db";
    options.documents = folder_ / "spool/documents";
    options.limits.inline_bytes_max = load.inline_bytes_max;
    options.clock = [] { return TimePoint(std::chrono::seconds(1)); };
    return Spool::open(std::move(options), log_);
  }

  fs::path folder_;
  double seconds_;
  Log log_{Log::Options{{}, true, system_clock()}};
};

}  // namespace

int main(int count, char** arguments) {
  const fs::path folder =
      count > 1 ? fs::path(arguments[1]) : fs::temp_directory_path() / "spool_bench";
  const double seconds = count > 2 ? std::atof(arguments[2]) : 3;
  try {
    fs::create_directories(folder);
    Bench bench(folder, seconds);
    Bench::head();
    for (const int at_once : {1, 8, 64, 512}) {
      bench.run({fmt::format("10 kB, {} at once", at_once), 10'240, at_once});
    }
    bench.run({"10 kB, 64 at once, to their end", 10'240, 64, true});
    for (const std::size_t kilobytes : {1, 32, 64, 128, 256}) {
      bench.run({fmt::format("{} kB in rows, 64 at once", kilobytes), kilobytes << 10U, 64, true,
                 kilobytes << 10U});
      bench.run(
          {fmt::format("{} kB in files, 64 at once", kilobytes), kilobytes << 10U, 64, true, 0});
    }
    bench.start_with(10'000);
    bench.large(1U << 30U);
    fs::remove_all(folder / "spool");
  } catch (const Error& error) {
    fmt::print(stderr, "{}", error.for_terminal());
    return 1;
  }
  return 0;
}
