#pragma once
// The configuration with its certificates, anchors and revocation lists, read on a thread of its
// own: what revokes a certificate never queues behind documents and devices.

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "base/log.h"
#include "base/places.h"
#include "ipmd/configuration.h"
#include "ipmd/notices.h"
#include "ipmd/trust_report.h"

namespace ipm::app {

class Reloader {
 public:
  // Throws as Configuration does.
  Reloader(settings::ServerSettings settings, const Places& places, const Log& log,
           Notices& notices);
  Reloader(const Reloader&) = delete;
  Reloader& operator=(const Reloader&) = delete;

  const Configuration& configuration() const { return configuration_; }
  const TrustReport& trust() const { return trust_; }

  // Called on the reloader's thread after each change. Set before the first look.
  void when_changed(std::function<void()> told) { changed_ = std::move(told); }

  // Both return at once; one thread calls them, again and again. look() reads what has changed; a
  // reload reads all, whatever the files' times say, and what is asked for during one is done after
  // it. A reload that takes longer than kReloadSlow is told of in the log, once.
  void look();
  void reload();
  // `work` on the same thread: the log's reopening, which waits for the disk as well.
  void run(std::function<void()> work);

  // How long the reload under way has been going on; any thread.
  std::optional<std::chrono::steady_clock::duration> busy() const;
  // Waits for what is under way.
  void join() { thread_.join(); }

 private:
  void work(bool whatever_the_files_say) noexcept;

  Notices& notices_;
  Configuration configuration_;
  TrustReport trust_;
  std::function<void()> changed_;
  bool wanted_ = false;                                   // a whole reload, as soon as may be
  bool told_ = false;                                     // that the one under way is slow
  std::atomic<std::chrono::steady_clock::rep> begun_{0};  // 0: none is under way
  boost::asio::thread_pool thread_{1};
};

}  // namespace ipm::app
