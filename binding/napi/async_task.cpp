#include "async_task.h"

#include <new>

namespace fcn::binding {

Environment::Environment(Napi::Env env)
    : env_(env),
      toMainThread_(Napi::ThreadSafeFunction::New(env, Napi::Function(), "face-cluster-native", 0, 1)) {
  // Does not keep the process alive by itself; tasks do while they run.
  toMainThread_.Unref(env);
  // Hooks run last in, first out: this one before the thread-safe function's own, which closes it.
  env.AddCleanupHook([this] { tearDown(); });
}

void Environment::post(std::function<void(Napi::Env)> work) {
  auto* message = new std::function<void(Napi::Env)>(std::move(work));
  const napi_status status = toMainThread_.NonBlockingCall(
      message, [](Napi::Env env, Napi::Function, std::function<void(Napi::Env)>* m) {
        const std::unique_ptr<std::function<void(Napi::Env)>> owned(m);
        const Napi::HandleScope scope(env);
        try {
          (*owned)(env);
        } catch (const Napi::Error&) {
          // A worker thread that is being terminated still empties this queue but can run no JavaScript any
          // more: there is nobody left to tell.
        }
      });
  if (status != napi_ok) delete message;
}

void Environment::add(AsyncTask* task) {
  if (tasks_.empty()) toMainThread_.Ref(env_);
  tasks_.insert(task);
  const std::lock_guard<std::mutex> lock(mutex_);
  ++executing_;
}

void Environment::remove(AsyncTask* task) {
  tasks_.erase(task);
  if (tasks_.empty()) toMainThread_.Unref(env_);
}

void Environment::tearDown() {
  for (AsyncTask* task : tasks_) task->cancel_.cancel();
  endCancelledWaiting();
  {
    std::unique_lock<std::mutex> lock(mutex_);
    closing_ = true;
    idle_.wait(lock, [this] { return executing_ == 0; });
  }
  for (AsyncTask* task : tasks_) delete task;
  tasks_.clear();
}

void Environment::endCancelledWaiting() {
  for (AsyncTask* task : tasks_) {
    if (task->cancel_.cancelled() && !task->taken_->exchange(true)) task->run();
  }
}

// A thread that is still returning from run() must be gone before the addon may be unloaded.
AsyncTask::~AsyncTask() {
  if (ownThread_.joinable()) ownThread_.join();
}

Napi::Promise AsyncTask::begin() {
  deferred_.emplace(environment_.env_);
  environment_.add(this);
  return deferred_->Promise();
}

Napi::Promise AsyncTask::start(ThreadPool& pool) {
  const Napi::Promise promise = begin();
  try {
    pool.submit([this, taken = taken_] {
      if (!taken->exchange(true)) run();
    });
  } catch (const std::exception&) {
    taken_->store(true);
    failWithoutThread();
  }
  return promise;
}

Napi::Promise AsyncTask::startOnOwnThread() {
  const Napi::Promise promise = begin();
  taken_->store(true);
  try {
    ownThread_ = std::thread([this] { run(); });
  } catch (const std::exception&) {
    failWithoutThread();
  }
  return promise;
}

void AsyncTask::failWithoutThread() {
  failure_ = std::make_exception_ptr(Error(
      ErrorCode::OutOfMemory, "The system allows this process no more threads or memory. Use fewer jobs."));
  finish();
}

void AsyncTask::run() {
  try {
    cancel_.throwIfCancelled();
    execute();
  } catch (...) {
    failure_ = std::current_exception();
  }
  finish();
}

void AsyncTask::finish() {
  // Once executing_ is down, a tear-down that waits for it may delete this task and its environment.
  Environment& environment = environment_;
  const std::lock_guard<std::mutex> lock(environment.mutex_);
  if (!environment.closing_) environment.post([this](Napi::Env env) { settle(env); });
  --environment.executing_;
  environment.idle_.notify_all();
}

void AsyncTask::settle(Napi::Env env) {
  const std::unique_ptr<AsyncTask> self(this);
  environment_.remove(this);
  try {
    if (failure_) std::rethrow_exception(failure_);
    deferred_->Resolve(toResult(env));
  } catch (const Napi::Error& error) {
    deferred_->Reject(error.Value());
  } catch (...) {
    deferred_->Reject(toJavaScript(env, std::current_exception()).Value());
  }
}

void AsyncTask::post(std::function<void(Napi::Env)> work) {
  const std::lock_guard<std::mutex> lock(environment_.mutex_);
  if (!environment_.closing_) environment_.post(std::move(work));
}

Napi::Error toJavaScript(Napi::Env env, const std::exception_ptr& failure) {
  ErrorCode code = ErrorCode::Internal;
  std::string message;
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    code = error.code();
    message = error.what();
  } catch (const std::bad_alloc&) {
    code = ErrorCode::OutOfMemory;
    message =
        "There is not enough memory for this. Close other programs, or work on fewer photos at once (jobs).";
  } catch (const std::exception& error) {
    message = std::string("Unexpected error, please report it: ") + error.what();
  } catch (...) {
    message = "Unexpected error, please report it.";
  }
  Napi::Error error = Napi::Error::New(env, message);
  error.Value().Set("code", Napi::String::New(env, codeName(code)));
  return error;
}

}  // namespace fcn::binding
