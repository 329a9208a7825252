#include "ipmd/configuration.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <exception>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "ipmd/encryption.h"
#include "settings/step.h"

namespace ipm::app {

using settings::ServerSettings;

Configuration::Configuration(ServerSettings settings, const Places& places, const Log& log)
    : places_(places),
      log_(log),
      watch_({places.server_configuration()}),
      settings_(std::make_shared<const ServerSettings>(std::move(settings))),
      waiting_(std::make_shared<const std::vector<std::string>>()) {
  watch_.take();
  there_ = find_file(places.server_configuration()).has_value();
  const auto first = settings_.load();
  if (first->encrypted) {
    keeper_.store(std::make_shared<tls::Keeper>(sources_of(*first, places), system_clock(), log));
  }
}

std::shared_ptr<const tls::Generation> Configuration::generation() const {
  const auto keeper = keeper_.load();
  return keeper ? keeper->current() : nullptr;
}

bool Configuration::poll() {
  if (watch_.look() || (refused_ && refused_->look())) return reload();
  const auto keeper = keeper_.load();
  return keeper && keeper->poll();
}

bool Configuration::reload() {
  try {
    return take_up();
  } catch (const std::exception& failure) {
    log_.write(Message::ConfigurationRefused,
               fmt::format("the old configuration stays in force: {}", failure.what()));
  }
  return false;
}

bool Configuration::take_up() {
  const auto file = places_.server_configuration();
  watch_.take();
  refused_.reset();
  const auto text = find_file(file);
  if (!text && there_) {
    throw Error(Message::FileNotFound, fmt::format("{} has gone", file.string()),
                "the configuration that is in force, or another");
  }
  there_ = text.has_value();
  auto wanted = settings::parse_server_settings(text.value_or(""), file, places_);
  if (wanted.encrypted) {
    // What it names may be what is wrong with it: then the mending of that is looked for as well.
    refused_.emplace(sources_of(wanted, places_).files());
    refused_->take();
  }
  auto next = settings::step(*settings_.load(), std::move(wanted));
  if (next.in_force != *settings_.load() || next.waiting != waiting()) {
    change_to(std::move(next));
  } else if (const auto keeper = keeper_.load()) {
    try {
      keeper->reload();
    } catch (const std::exception&) {
      return false;  // It is in the log, and the keeper looks for the mending.
    }
  }
  refused_.reset();
  return true;
}

void Configuration::change_to(settings::Step next) {
  const auto before = settings_.load();
  if (next.in_force.encrypted) {
    auto sources = sources_of(next.in_force, places_);
    if (const auto keeper = keeper_.load()) {
      keeper->change(std::move(sources));
    } else {
      keeper_.store(std::make_shared<tls::Keeper>(std::move(sources), system_clock(), log_));
    }
  }
  const bool turned_on = next.in_force.encrypted && !before->encrypted;
  settings_.store(std::make_shared<const ServerSettings>(std::move(next.in_force)));
  const std::string file = places_.server_configuration().string();
  log_.write(Message::ConfigurationLoaded, fmt::format("{} is in force as changed", file));
  if (turned_on) log_encryption_on(log_);
  if (next.waiting == waiting()) return;
  if (!next.waiting.empty()) {
    log_.write(Message::RestartNeeded, fmt::format("{}: {} will count after a restart of ipmd",
                                                   file, fmt::join(next.waiting, ", ")));
  }
  waiting_.store(std::make_shared<const std::vector<std::string>>(std::move(next.waiting)));
}

}  // namespace ipm::app
