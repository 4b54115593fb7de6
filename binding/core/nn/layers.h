#pragma once

namespace fcn {

// How the networks are computed: on our own convolutions, or by dlib's layers, which tests compare with.
enum class Layers { Own, Reference };

}  // namespace fcn
