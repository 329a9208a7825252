#include "output/raw/socket_driver.h"

#include <fmt/format.h>
#include <boost/asio/this_coro.hpp>
#include <utility>

#include "output/pieces.h"
#include "output/raw/raw_connection.h"

namespace ipm::output {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

std::uint64_t bytes_of(const Assignment& assignment) {
  std::uint64_t bytes = 0;
  for (const Document& document : assignment.documents) bytes += document.bytes;
  return bytes * static_cast<std::uint64_t>(assignment.copies);
}

class SocketDriver final : public Driver {
 public:
  SocketDriver(Uri device, DeviceSettings settings, const Environment& environment,
               Patience patience)
      : device_(std::move(device)),
        settings_(std::move(settings)),
        pool_(environment.pool),
        network_(*environment.network),
        patience_(patience) {}

  asio::awaitable<Result> deliver(const Assignment& assignment, Cancellation& cancellation,
                                  const Progress& progress) const override {
    if (assignment.earlier.may_be_there) {
      Result doubt{Outcome::Doubtful, fmt::format("{}:{} may have it, and cannot be asked",
                                                  device_.host, device_.port)};
      doubt.may_be_there = true;
      co_return doubt;
    }
    const auto executor = co_await asio::this_coro::executor;
    const auto connection = std::make_shared<RawConnection>(executor, network_, patience_);
    const Cancellation::Action action(cancellation, [connection] { connection->close(); });
    RawFacts facts;
    const net::Endpoint endpoint{device_.host, device_.port};
    facts.device = endpoint.text();
    facts.wanted = bytes_of(assignment);
    facts.wait_for_end = settings_.wait_for_end;
    if (cancellation.requested()) co_return ended_by(cancellation);
    const std::string away = co_await connection->connect(endpoint);
    if (cancellation.requested()) co_return ended_by(cancellation);
    if (!away.empty()) {
      connection->close();
      co_return Result{Outcome::DeviceAway, away, {"connecting-to-device"}};
    }
    // The watcher may run once more while this coroutine ends: it owns what it needs.
    connection->begin([report = progress.waiting, facts, quiet = patience_.quiet, told = false](
                          std::uint64_t taken, milliseconds standing, milliseconds alive) mutable {
      if (!report) return;
      if (standing >= quiet) {
        report(waiting_text(facts, taken, standing, alive), {"other-warning"});
      } else if (told) {
        report(
            fmt::format("{} takes data again: {} of {} bytes", facts.device, taken, facts.wanted),
            {});
      }
      told = standing >= quiet;
    });
    const std::string damage = co_await send(assignment, *connection, progress);
    if (damage.empty() && !cancellation.requested()) {
      const bool drained = co_await connection->drain();
      if (drained) {
        co_await connection->finish(settings_.wait_for_end ? milliseconds::max()
                                                           : patience_.raw_end);
      }
    }
    facts.acknowledged = connection->acknowledged();
    facts.end = connection->end();
    facts.why = connection->why();
    facts.canceled = cancellation.canceled();
    facts.stopped = cancellation.requested() && !facts.canceled;
    connection->close();
    if (!damage.empty()) {
      Result result{Outcome::JobRefused, damage};
      result.may_be_there = facts.acknowledged > 0;
      co_return result;
    }
    co_return judge_raw(facts);
  }

  asio::awaitable<std::optional<DeviceDescription>> describe(Cancellation&) const override {
    co_return declared_by(settings_);
  }

 private:
  static std::string waiting_text(const RawFacts& facts, std::uint64_t taken, milliseconds standing,
                                  milliseconds alive) {
    if (taken >= facts.wanted) {
      return fmt::format("{} has all {} bytes and has not ended the connection for {} s",
                         facts.device, facts.wanted, standing.count() / 1000);
    }
    return fmt::format(
        "{} has taken nothing for {} s ({} of {} bytes so far); it is alive (last sign {} s ago): "
        "is there paper in it?",
        facts.device, standing.count() / 1000, taken, facts.wanted, alive.count() / 1000);
  }

  // Empty, or what is wrong with the document; a broken connection only ends it.
  asio::awaitable<std::string> send(const Assignment& assignment, RawConnection& connection,
                                    const Progress& progress) const {
    std::uint64_t sent = 0;
    for (const Document& document : assignment.documents) {
      for (int copy = 1; copy <= assignment.copies; ++copy) {
        Pieces pieces(document, pool_);
        for (;;) {
          std::span<const unsigned char> piece;
          std::string damage;
          try {
            piece = co_await pieces.next();
          } catch (const Error& error) {
            damage = error.happened();
          }
          if (!damage.empty()) co_return damage;
          if (piece.empty()) break;
          const bool written = co_await connection.write(piece);
          if (!written) co_return std::string();
          sent += piece.size();
          if (progress.sent) progress.sent(sent);
        }
      }
    }
    co_return std::string();
  }

  Uri device_;
  DeviceSettings settings_;
  asio::any_io_executor pool_;
  const net::Network& network_;
  Patience patience_;
};

}  // namespace

std::unique_ptr<Driver> make_socket_driver(const Uri& device, const DeviceSettings& settings,
                                           const Environment& environment,
                                           const Patience& patience) {
  if (!device.path.empty() && device.path != "/") {
    throw Error(Message::DeviceUriUnsupported, fmt::format("{} has a path", to_string(device)),
                "socket://HOST or socket://HOST:PORT");
  }
  return std::make_unique<SocketDriver>(device, settings, environment, patience);
}

}  // namespace ipm::output
