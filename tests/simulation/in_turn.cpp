#include "in_turn.h"

#include <boost/asio/post.hpp>
#include <memory>
#include <utility>

#include "os/timer.h"
#include "spool/pace.h"

namespace ipm::simulation {
namespace {

boost::asio::io_context* writers = nullptr;

class InTurn final : public spool::Pace {
 public:
  InTurn(boost::asio::io_context& context, spool::Work work)
      : state_(std::make_shared<State>(context, std::move(work))) {
    state_->come(false);
  }
  ~InTurn() override { InTurn::join(); }
  void join() override {
    state_->timer.cancel();
    while (state_->work) state_->run(true);
  }
  void wake() override {
    state_->woken = true;
    if (!state_->deaf) state_->come(false);
  }

 private:
  struct State : std::enable_shared_from_this<State> {
    State(boost::asio::io_context& where, spool::Work what)
        : context(where), timer(where), work(std::move(what)) {}

    void come(bool undisturbed) {
      if (std::exchange(coming, true)) return;
      boost::asio::post(context, [self = shared_from_this(), undisturbed] {
        self->coming = false;
        if (self->work) self->run(undisturbed);
      });
    }

    void run(bool undisturbed) {
      timer.cancel();
      deaf = false;
      woken = false;
      const auto rest = work(undisturbed);
      if (!rest) {
        work = {};
        return;
      }
      if (rest->until_woken && (woken || rest->time.count() == 0)) return come(false);
      deaf = !rest->until_woken;
      timer.expires_after(rest->time);
      timer.async_wait([self = shared_from_this()](const boost::system::error_code& failure) {
        if (!failure) self->come(true);
      });
    }

    boost::asio::io_context& context;
    os::Timer timer;
    spool::Work work;  // none when it has ended
    bool coming = false;
    bool woken = false;
    bool deaf = false;
  };

  std::shared_ptr<State> state_;
};

}  // namespace

void let_writers_work_in(boost::asio::io_context& context) {
  writers = &context;
}

}  // namespace ipm::simulation

namespace ipm::spool {

std::unique_ptr<Pace> make_pace(Work work) {
  return std::make_unique<simulation::InTurn>(*simulation::writers, std::move(work));
}

}  // namespace ipm::spool
