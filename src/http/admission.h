#pragma once
// A connection's place within the gate, held as long as the connection. Private to the server.

#include <memory>

#include "http/core.h"

namespace ipm::http {

class Admission {
 public:
  Admission(std::shared_ptr<Shared> shared, const net::Gate::Key& key,
            bool paused);                              // entered already
  explicit Admission(std::shared_ptr<Shared> shared);  // of a local connection, entered already
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;
  Admission(Admission&& other) noexcept = default;
  Admission& operator=(Admission&&) = delete;
  ~Admission();

  bool local() const { return local_; }
  bool paused() const { return paused_; }
  void unpause();
  void note_refusal();

 private:
  std::shared_ptr<Shared> shared_;  // null once moved from
  net::Gate::Key key_{};
  bool local_ = false;
  bool paused_ = false;
};

}  // namespace ipm::http
