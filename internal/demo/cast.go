package demo

import (
	"fmt"
	"io"
	"slices"
	"time"
)

// Password opens all logins of the demo. It stands in this file, in the
// program's output and in the README: a demo database is no place for secrets.
const Password = "kapok-demo"

// part is a role in the demo that somebody can sign in as.
type part struct {
	phone string // E.164
	hans  string // name, the same whatever the seed
	what  string // shown beside the login
}

// The parts. Phones end in 9001 and up, which the others never reach.
var (
	volunteer   = part{"+8613900009001", "陈嘉敏", "志愿者 volunteer"}
	guardian    = part{"+8613900009002", "李美华", "监护人 guardian of a child of 11"}
	orgAdmin    = part{"+8613900009003", "麦海涛", "组织管理员 admin of 越秀区志愿者联合会"}
	orgApprover = part{"+8613900009004", "冼丽娟", "审核员 approver there: confirms hours"}
	orgRecorder = part{"+8613900009005", "区俊杰", "记录员 recorder there"}
	teamLeader  = part{"+8613900009006", "欧阳晓彤", "领队 team leader there: runs shifts"}
	countyAdmin = part{"+8613900009007", "谭月明", "越秀区管理员 administrator of 越秀"}
	cityAdmin   = part{"+8613900009008", "黄惠芳", "广州市管理员 administrator of 广州"}
	province    = part{"+8613900009009", "周卫东", "广东省管理员 administrator of 广东"}
	systemAdmin = part{"+8613900009010", "邓铭", "系统管理员 system administrator"}
	security    = part{"+8613900009012", "严国强", "安全管理员 security administrator: roles, access"}
	auditor     = part{"+8613900009013", "方文婧", "审计管理员 auditor: reads who did what"}
	elder       = part{"+8613900009011", "梁炳坤", "长者志愿者 volunteer of 71"}
	hongKonger  = part{"+85251009001", "何咏怡", "香港義工 volunteer from Hong Kong"}
)

var parts = []part{volunteer, guardian, elder, hongKonger, teamLeader, orgRecorder, orgApprover, orgAdmin, countyAdmin, cityAdmin, province, systemAdmin, security, auditor}

// Login is somebody who can sign in to a demo, with Password.
type Login struct{ Phone, What string }

// Logins lists who can sign in to a demo: volunteers first, then those who run
// things.
func Logins() []Login {
	out := make([]Login, len(parts))
	for i, p := range parts {
		out[i] = Login{p.phone, p.what}
	}
	return out
}

// PrintLogins writes who can sign in to a demo, and how.
func PrintLogins(w io.Writer) {
	fmt.Fprintf(w, "演示登录（仅供演示，密码都是 %s） Demo logins, for trying out only; the password of all is %s\n", Password, Password)
	for _, p := range parts {
		mark := " "
		if slices.Contains(officials, p) {
			mark = "*"
		}
		fmt.Fprintf(w, "%s %-14s  %s\n", mark, p.phone, p.what)
	}
	fmt.Fprintln(w, "* 还要动态码 also a code, shown by: bin/kapok demo-code PHONE   (e.g. bin/kapok demo-code "+orgAdmin.phone+")")
}

// cast are the people who play the parts.
type cast struct {
	all                            map[string]*human // by phone
	ward                           *human
	province, city, county, system *human
	security, auditor              *human
}

func (c *cast) play(p part, h *human) *human {
	h.phone, h.name.hans = p.phone, p.hans
	c.all[p.phone] = h
	return h
}

// newCast gives the parts to people: those who run the first organisation, and
// some who live nearby.
func newCast(p *population, o *organisations) cast {
	home, first := p.counties[0], o.bodies[0]
	c := cast{all: map[string]*human{}}
	person := func(role part, female bool, age int) *human {
		return c.play(role, o.early(p.local(home, female, p.today.AddDate(-age, -3, -7))))
	}
	c.play(orgAdmin, first.admin)
	c.play(orgApprover, first.approver)
	c.play(orgRecorder, first.recorder)
	c.play(teamLeader, first.leaders[0])
	c.county = c.play(countyAdmin, first.desk)
	c.city, c.province, c.system = person(cityAdmin, true, 45), person(province, false, 48), person(systemAdmin, false, 36)
	c.security, c.auditor = person(security, false, 39), person(auditor, true, 42)
	v := person(volunteer, true, 24)
	v.zeal, v.skills, v.languages = 25, []string{"08", "13", "23"}, []string{"mandarin", "cantonese", "english"}
	person(elder, false, 71).zeal = 8
	c.family(p, person(guardian, true, 41))
	hk := c.play(hongKonger, o.sarStaff(false, shaTin))
	hk.female, hk.zeal, hk.name.hant, hk.name.latin = true, 8, "何詠怡", "Ho Wing Yi"
	hk.document = papers{"hkid", "", p.numbers.hkid()}
	o.desks[guangdong], o.desks["440100"] = c.province, c.city
	return c
}

// family gives the guardian her child.
func (c *cast) family(p *population, mother *human) {
	c.ward = p.local(p.counties[0], false, p.today.AddDate(-11, -3, -7))
	c.ward.name, c.ward.division, c.ward.guardian, c.ward.relation = name{hans: "李子墨"}, mother.division, mother, "mother"
	c.ward.phone, c.ward.qualifications, c.ward.zeal = "", nil, 6
	c.ward.registered = mother.registered.Add(20 * time.Minute)
	p.people = append(p.people, c.ward)
}
