#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace fcn {

// Room for numbers, which are anything until they are written: a vector would fill it with zeros first.
template <typename T>
class Buffer {
 public:
  Buffer() = default;
  // - lent: room for so many, which must live as long as this; beyond that, it takes memory of its own.
  Buffer(T* lent, std::size_t count) : data_(lent), capacity_(count) {}

  // Makes room for so many. What they hold is anything afterwards. Keeps its memory where that suffices, and
  // never holds what it had and the new one at once.
  T* resize(std::size_t count) {
    if (count <= capacity_) return data_;
    *this = Buffer();  // what it was, if there is no memory
    own_.reset(new T[count]);
    data_ = own_.get();
    capacity_ = count;
    return data_;
  }

  T* data() { return data_; }
  const T* data() const { return data_; }
  std::size_t capacity() const { return capacity_; }

 private:
  std::unique_ptr<T[]> own_;
  T* data_ = nullptr;
  std::size_t capacity_ = 0;
};

// Cuts memory into pieces, one after another. Without any it only counts, so that who lends the pieces and
// who says beforehand what they take is the same code.
class MemoryPieces {
 public:
  explicit MemoryPieces(std::uint8_t* memory = nullptr) : memory_(memory) {}

  template <typename T>
  Buffer<T> take(std::size_t count) {
    // Of whole cache lines.
    constexpr std::size_t kLine = 64;
    std::uint8_t* const piece = memory_ ? memory_ + taken_ : nullptr;
    taken_ += (count * sizeof(T) + kLine - 1) / kLine * kLine;
    return Buffer<T>(reinterpret_cast<T*>(piece), count);
  }

  // Bytes of all pieces so far.
  std::size_t taken() const { return taken_; }

 private:
  std::uint8_t* memory_;
  std::size_t taken_ = 0;
};

}  // namespace fcn
