// Package persontest makes people for the tests of all areas.
//
// Owns: a small tree of divisions, valid made-up documents and phones, a
// registration that only needs what a test is about.
// Words: as in person.
// Invariants: numbers never repeat within a process.
// States, tables: none.
// Not here: demo data (cmd).
package persontest

import (
	"context"
	"fmt"
	"maps"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"kapok/internal/kit/clock"
	"kapok/internal/kit/crypt"
	"kapok/internal/person"
	"kapok/internal/region"
)

// Divisions of the test tree.
const (
	Guangzhou = "440100"
	Yuexiu    = "440104"
	Beijing   = "440104003" // 北京街道
	Tianhe    = "440106"
	Dongguan  = "441900"
	Dongcheng = "441900003" // 东城街道
	CentralHK = "810001"
)

// Regions is a small tree of divisions.
func Regions() *region.Tree {
	return region.NewTree([]region.Division{
		{Code: "440000", Level: region.Province, NameHans: "广东省", NameHant: "廣東省", NameEn: "Guangdong"},
		{Code: Guangzhou, Parent: "440000", Level: region.City, NameHans: "广州市", NameHant: "廣州市", NameEn: "Guangzhou"},
		{Code: Yuexiu, Parent: Guangzhou, Level: region.County, NameHans: "越秀区", NameHant: "越秀區", NameEn: "Yuexiu"},
		{Code: Beijing, Parent: Yuexiu, Level: region.Town, NameHans: "北京街道", NameHant: "北京街道"},
		{Code: "440104003001", Parent: Beijing, Level: region.Village, NameHans: "盐运西社区", NameHant: "鹽運西社區"},
		{Code: Tianhe, Parent: Guangzhou, Level: region.County, NameHans: "天河区", NameHant: "天河區", NameEn: "Tianhe"},
		{Code: Dongguan, Parent: "440000", Level: region.City, NameHans: "东莞市", NameHant: "東莞市", NameEn: "Dongguan"},
		{Code: Dongcheng, Parent: Dongguan, Level: region.Town, NameHans: "东城街道", NameHant: "東城街道"},
		{Code: "810000", Level: region.SAR, NameHans: "香港特别行政区", NameHant: "香港特別行政區", NameEn: "Hong Kong"},
		{Code: CentralHK, Parent: "810000", Level: region.County, NameHans: "中西区", NameHant: "中西區", NameEn: "Central and Western"},
	})
}

// New makes a service with keys of its own.
func New(pool *pgxpool.Pool, clk clock.Clock) *person.Service {
	return person.New(pool, crypt.Ephemeral(), Regions(), clk)
}

var counter atomic.Int64

// MainlandID makes a valid number of somebody born on a day (2006-01-02).
func MainlandID(born string) string {
	n := counter.Add(1)
	region := 440103 + n/1000%8
	seventeen := fmt.Sprintf("%d%s%s%s%03d", region, born[:4], born[5:7], born[8:10], n%1000)
	return seventeen + string(person.Check18(seventeen))
}

// HKID makes a valid number.
func HKID() string {
	n := fmt.Sprintf("A%06d", 100000+counter.Add(1))
	return n + "(" + string(person.CheckHKID(n)) + ")"
}

// Phone makes a mainland mobile number in E.164.
func Phone() string { return fmt.Sprintf("+86139%08d", counter.Add(1)) }

// Consents are the versions in force of all texts.
func Consents() map[person.Purpose]string {
	out := map[person.Purpose]string{}
	for _, p := range person.Purposes {
		out[p] = person.CurrentConsent(p).Version
	}
	return out
}

// Registration is a good one, of somebody born on a day (2006-01-02).
func Registration(born string) person.Registration {
	return person.Registration{
		Document: person.DocumentInput{Kind: person.MainlandID, Number: MainlandID(born)}, NameHans: "李小文", Division: Beijing,
		Phone: Phone(), Skills: []string{"01"}, Languages: []string{"cantonese"}, ServiceFields: []string{"0001"},
		Consents: maps.Clone(Consents()), PhoneProven: true,
	}
}

// Adult registers somebody of age.
func Adult(t testing.TB, s *person.Service) person.Person {
	t.Helper()
	return Register(t, s, Registration("1990-05-01"))
}

// Ward registers a child or minor of a guardian, born on a day.
func Ward(t testing.TB, s *person.Service, guardian uuid.UUID, born string) person.Person {
	t.Helper()
	r := Registration(born)
	r.Phone, r.PhoneProven, r.Guardian, r.Relation = "", false, guardian, "mother"
	return Register(t, s, r)
}

// Register registers or fails the test.
func Register(t testing.TB, s *person.Service, r person.Registration) person.Person {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	p, err := s.Register(ctx, r)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
