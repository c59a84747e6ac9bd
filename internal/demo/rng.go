package demo

import (
	"hash/fnv"
	"math/rand/v2"
)

// chance is a stream of random numbers; every topic has its own, so that a
// change in one leaves the others as they were.
type chance struct{ *rand.Rand }

func newChance(seed uint64, topic string) chance {
	h := fnv.New64a()
	h.Write([]byte(topic)) // never fails
	return chance{rand.New(rand.NewPCG(seed, h.Sum64()))}
}

// is reports true with probability p.
func (c chance) is(p float64) bool { return c.Float64() < p }

// between draws from low to high, both included.
func (c chance) between(low, high int) int {
	if high <= low {
		return low
	}
	return low + c.IntN(high-low+1)
}

// pick draws one of a list.
func pick[T any](c chance, list []T) T { return list[c.IntN(len(list))] }

// some draws n different ones of a list, in random order.
func some[T any](c chance, list []T, n int) []T {
	order := c.Perm(len(list))
	out := make([]T, 0, n)
	for _, i := range order[:min(n, len(list))] {
		out = append(out, list[i])
	}
	return out
}

// weighted draws an index with probability proportional to its weight.
func (c chance) weighted(weights []float64) int {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	at := c.Float64() * sum
	for i, w := range weights {
		if at -= w; at < 0 {
			return i
		}
	}
	return len(weights) - 1
}
