// floors: ipp tls, rooms: load
//
// The load generator: IPP over TLS or plaintext for any IPP server on this machine, and bare TLS
// handshakes for any TLS server. It says how many requests a second were answered, how long they
// took, and what CPU time or memory they cost the server (--server PID, with all its children).
//
//   ipm_load print 127.0.0.1:8631 --path /printers/bench --bytes 10240 --connections 32 --count
//   2000 ipm_load attributes 127.0.0.1:8631 --new-connections --seconds 5 --server 4711 --json
//   ipm_load handshake 127.0.0.1:8443 --certificate client-cert.pem --key client-key.pem
//   ipm_load handshake 127.0.0.1:8631 --idle 5000 --server 4711

#include <fmt/format.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "load/process.h"
#include "load/worker.h"

namespace ipm::bench {
namespace {

constexpr int kOpeningAtOnce = 16;
// The client's part of a handshake ends before the server's.
constexpr std::chrono::seconds kSettling{1};

struct Result {
  Tally tally;
  double seconds = 0;
  double server_cpu = 0;
  double own_cpu = 0;
  std::uint64_t memory_before = 0;
  std::uint64_t memory_after = 0;
  std::size_t open = 0;
};

void merge(Tally& into, Tally&& from) {
  into.latencies.insert(into.latencies.end(), from.latencies.begin(), from.latencies.end());
  if (into.first_failure.empty()) into.first_failure = std::move(from.first_failure);
  into.failed += from.failed;
}

Tally run_all(std::vector<std::unique_ptr<Worker>>& workers, std::uint64_t count, double seconds) {
  Budget budget(count, seconds);
  Tally all;
  std::mutex mutex;
  std::vector<std::jthread> threads;
  for (auto& worker : workers) {
    threads.emplace_back([&] {
      Tally tally;
      try {
        tally = worker->run(budget);
      } catch (const std::exception& failure) {
        tally.failed = 1;
        tally.first_failure = failure.what();
      }
      const std::lock_guard lock(mutex);
      merge(all, std::move(tally));
    });
  }
  threads.clear();  // joins
  return all;
}

Result measure_load(const Setup& setup) {
  const Options& options = setup.options;
  std::vector<std::unique_ptr<Worker>> workers;
  for (int i = 0, first = 0; i < options.threads; ++i) {
    const int share = options.connections * (i + 1) / options.threads - first;
    workers.push_back(std::make_unique<Worker>(setup, share, first));
    first += share;
  }
  Result result;
  if (options.warm_up > 0) run_all(workers, options.warm_up, options.seconds);
  const double server_before = options.server > 0 ? cpu_seconds_of(options.server) : 0;
  const double own_before = own_cpu_seconds();
  const auto begun = SteadyClock::now();
  result.tally = run_all(workers, options.count, options.seconds);
  result.seconds = std::chrono::duration<double>(SteadyClock::now() - begun).count();
  result.own_cpu = own_cpu_seconds() - own_before;
  if (options.server > 0) result.server_cpu = cpu_seconds_of(options.server) - server_before;
  return result;
}

Result measure_idle(const Setup& setup) {
  Result result;
  Worker worker(setup, setup.options.idle, 0);
  result.memory_before = memory_of(setup.options.server);
  const auto begun = SteadyClock::now();
  result.tally = worker.open_all(kOpeningAtOnce);
  result.seconds = std::chrono::duration<double>(SteadyClock::now() - begun).count();
  std::this_thread::sleep_for(kSettling);
  result.memory_after = memory_of(setup.options.server);
  result.open = worker.open_count();
  return result;
}

double percentile(const std::vector<float>& sorted, double part) {
  if (sorted.empty()) return 0;
  const auto last = static_cast<double>(sorted.size() - 1);
  return sorted[static_cast<std::size_t>(last * part)];
}

nlohmann::ordered_json report(Result& result, const Options& options) {
  auto& latencies = result.tally.latencies;
  std::sort(latencies.begin(), latencies.end());
  const double answered = static_cast<double>(std::max<std::size_t>(latencies.size(), 1));
  nlohmann::ordered_json report;
  report["answered"] = latencies.size();
  report["failed"] = result.tally.failed;
  if (result.tally.failed > 0) report["first_failure"] = result.tally.first_failure;
  report["seconds"] = result.seconds;
  report["per_second"] = static_cast<double>(latencies.size()) / result.seconds;
  report["p50_ms"] = percentile(latencies, 0.50);
  report["p99_ms"] = percentile(latencies, 0.99);
  if (options.idle > 0) {
    const double bytes =
        static_cast<double>(result.memory_after) - static_cast<double>(result.memory_before);
    report["open"] = result.open;
    report["server_bytes_before"] = result.memory_before;
    report["server_bytes_after"] = result.memory_after;
    report["server_bytes_per_connection"] =
        bytes / static_cast<double>(std::max<std::size_t>(result.open, 1));
    return report;
  }
  if (options.server > 0) report["server_cpu_ms"] = 1000 * result.server_cpu / answered;
  report["own_cpu_ms"] = 1000 * result.own_cpu / answered;
  if (options.work == Work::PrintJob) {
    report["document_bytes_per_second"] =
        static_cast<double>(options.document_bytes) * answered / result.seconds;
  }
  return report;
}

void print_text(const nlohmann::ordered_json& report) {
  for (const auto& [name, value] : report.items()) {
    const std::string text = value.is_number_float() ? fmt::format("{:.3f}", value.get<double>())
                             : value.is_string()     ? value.get<std::string>()
                                                     : value.dump();
    fmt::print("{:<28} {}\n", name, text);
  }
}

void raise_open_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

int run(int argc, char** argv) {
  CLI::App program{"Loads an IPP or TLS server on this machine and says what it gave and cost.",
                   "ipm_load"};
  Options options;
  bool new_connections = false;
  bool json = false;
  const std::map<std::string, Work> works = {{"print", Work::PrintJob},
                                             {"attributes", Work::PrinterAttributes},
                                             {"handshake", Work::Handshake}};
  program.add_option("work", options.work, "print, attributes or handshake")
      ->required()
      ->transform(CLI::CheckedTransformer(works));
  program.add_option("target", options.target, "127.0.0.1:PORT")->required();
  program.add_option("--host", options.host, "Host in HTTP and IPP");
  program.add_option("--path", options.path, "Path of the printer");
  program.add_option("--bytes", options.document_bytes, "Size of each document")
      ->check(CLI::Range(std::uint64_t{1}, kDocumentBytesMax));
  program.add_option("--format", options.document_format, "Its media type");
  program.add_option("--user", options.user, "requesting-user-name");
  program.add_flag("--plain", options.plain, "No TLS");
  program.add_flag("--tls12", options.tls12, "TLS 1.2 instead of 1.3");
  auto* certificate = program.add_option("--certificate", options.certificate, "Client's, PEM");
  auto* key = program.add_option("--key", options.key, "Its key, PEM");
  certificate->needs(key);
  key->needs(certificate);
  program.add_option("--connections", options.connections, "At once")
      ->check(CLI::Range(1, kConnectionsMax));
  program.add_flag("--new-connections", new_connections, "One connection for each request");
  program.add_option("--threads", options.threads, "Of the generator")->check(CLI::Range(1, 64));
  program.add_option("--count", options.count, "Requests; 0: until the time is over");
  program.add_option("--seconds", options.seconds, "At most");
  program.add_option("--warm-up", options.warm_up, "Requests before, not measured");
  program.add_option("--idle", options.idle, "Open so many connections, hold them, look at memory")
      ->check(CLI::Range(1, kConnectionsMax));
  program.add_option("--server", options.server, "The server's process");
  program.add_flag("--json", json, "JSON instead of text");
  CLI11_PARSE(program, argc, argv);
  options.keep_alive = !new_connections;
  if (options.work == Work::Handshake && options.plain) {
    throw std::runtime_error("a handshake without TLS is none");
  }
  raise_open_files();
  std::signal(SIGPIPE, SIG_IGN);  // NOLINT: before any thread
  const Setup setup = make_setup(std::move(options));
  Result result = setup.options.idle > 0 ? measure_idle(setup) : measure_load(setup);
  const auto told = report(result, setup.options);
  if (json) {
    fmt::print("{}\n", told.dump());
  } else {
    print_text(told);
  }
  return result.tally.latencies.empty() || result.tally.failed > 0 ? 1 : 0;
}

}  // namespace
}  // namespace ipm::bench

int main(int argc, char** argv) {
  try {
    return ipm::bench::run(argc, argv);
  } catch (const std::exception& failure) {
    fmt::print(stderr, "ipm_load: {}\n", failure.what());
    return 2;
  }
}
