package app

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/kit/i18n"
	"kapok/internal/ui"
)

// line is a line of a desk's menu: a path below the desk's own, and what one
// must be allowed to do to need it.
type line struct {
	key, path string
	need      account.Action
}

var orgLines = []line{
	{"overview", "", account.ViewOrg}, {"activities", "/activities", account.ViewOrg}, {"hours", "/hours", account.RecordHours},
	{"members", "/members", account.ViewOrg}, {"profile", "/profile", account.ManageOrg},
	{"identity", "/identity", account.CheckIdentity}, {"names", "/names", account.ClearNames},
}

// orgDesk is the frame of an organisation's desk with the lines its reader may use.
func (a *App) orgDesk(ctx context.Context, org uuid.UUID) ui.DeskInfo {
	base := fmt.Sprintf("/console/orgs/%s", org)
	d := ui.DeskInfo{PageInfo: ui.PageInfo{NoIndex: true}}
	if o, err := a.Orgs.Get(ctx, org); err == nil {
		d.Unit = o.Name
	}
	may := func(act account.Action) bool {
		return a.Access.Can(account.From(ctx), act, account.Target{Org: org})
	}
	d.Menu = menu(ctx, "org", base, orgLines, may)
	return d
}

var regionLines = []line{
	{"overview", "", account.ViewRegion}, {"organisations", "/organisations", account.DecideOrg}, {"activities", "/activities", account.ReviewActivity},
	{"late", "/late", account.ViewRegion}, {"phones", "/phones", account.DecidePhone},
	{"corrections", "/corrections", account.DecideCorrection}, {"people", "/people", account.OpenPerson}, {"audit", "/audit", account.ReadAudit}, {"roles", "/roles", account.ManageRoles}, {"factors", "/factors", account.RestoreTop},
	{"merges", "/merges", account.DecideMerge}, {"identity", "/identity", account.DecideMerge},
}

// regionDesk is the frame of the desk of a division's administrator.
func (a *App) regionDesk(ctx context.Context, division string) ui.DeskInfo {
	d := ui.DeskInfo{PageInfo: ui.PageInfo{NoIndex: true}, Unit: a.Regions.FullName(i18n.From(ctx), division)}
	d.Menu = menu(ctx, "region", "/admin", regionLines, account.From(ctx).Holds)
	return d
}

// menu marks the longest line that the present page stands under.
func menu(ctx context.Context, desk, base string, lines []line, may func(account.Action) bool) []ui.MenuItem {
	path, _, _ := strings.Cut(ui.ViewFrom(ctx).Path, "?")
	var out []ui.MenuItem
	current, best := -1, 0
	for _, l := range lines {
		if !may(l.need) {
			continue
		}
		href := base + l.path
		if (path == href || strings.HasPrefix(path, href+"/")) && len(href) > best {
			current, best = len(out), len(href)
		}
		out = append(out, ui.MenuItem{Link: ui.Link{Href: href, Text: i18n.T(ctx, "app."+desk+"."+l.key)}})
	}
	if current >= 0 {
		out[current].Current = true
	}
	return out
}
