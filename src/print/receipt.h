#pragma once
// Waiting for the spool's word that a change is durable. A change is handed in under the manager's
// lock, so that changes reach the spool in the order in which they happened; the wait comes after.

#include <boost/asio/awaitable.hpp>
#include <exception>
#include <memory>

#include "spool/completion.h"

namespace ipm::print {

class Receipt {
 public:
  Receipt();
  // For the spool; once.
  spool::Completion completion() const;
  void decide(std::exception_ptr failure) const;  // What the completion does.
  bool is_done() const;                           // wait() would return, or throw, at once
  // Returns when the change is durable, on the caller's own executor; throws what went wrong. Any
  // number of waiters.
  boost::asio::awaitable<void> wait() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace ipm::print
