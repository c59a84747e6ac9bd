package activityweb

import (
	"context"
	"strings"
	"time"

	"kapok/internal/activity"
	"kapok/internal/activity/signupbox"
)

// node is a thing of schema.org.
type node map[string]any

// linkedData describes the page to search engines: schema.org has no type for
// volunteering, so it is a JobPosting with employmentType VOLUNTEER, and each
// shift an Event (standards §7.11).
func (v activityView) linkedData(ctx context.Context) any {
	graph := []node{v.posting(ctx)}
	for _, box := range v.Coming {
		graph = append(graph, v.event(ctx, box))
	}
	return node{"@context": "https://schema.org", "@graph": graph}
}

func (v activityView) posting(ctx context.Context) node {
	n := node{"@type": "JobPosting", "employmentType": "VOLUNTEER", "title": v.Title, "description": v.Content,
		"hiringOrganization": v.organizer(), "jobLocation": v.place(ctx, "", nil, nil), "url": v.url(), "identifier": v.ID.String()}
	if v.PublishedAt != nil {
		n["datePosted"] = v.PublishedAt.In(v.zone()).Format(time.DateOnly)
	}
	if len(v.Coming) > 0 {
		last := v.Coming[len(v.Coming)-1].Shift
		n["validThrough"] = last.SignupUntil.In(v.zone()).Format(time.RFC3339)
	}
	return n
}

func (v activityView) event(ctx context.Context, box signupbox.Box) node {
	s := box.Shift.Shift
	status := "https://schema.org/EventScheduled"
	if s.State == activity.ShiftCancelled || v.State == activity.Cancelled {
		status = "https://schema.org/EventCancelled"
	}
	return node{"@type": "Event", "name": v.Title, "description": v.summary(), "startDate": s.StartsAt.In(v.zone()).Format(time.RFC3339),
		"endDate": s.EndsAt.In(v.zone()).Format(time.RFC3339), "eventStatus": status, "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
		"location": v.place(ctx, s.Place, s.Lat, s.Lon), "organizer": v.organizer(), "maximumAttendeeCapacity": s.Capacity,
		"remainingAttendeeCapacity": s.Free(), "isAccessibleForFree": true, "url": v.url() + "#" + signupbox.Anchor(s.ID)}
}

func (v activityView) url() string { return v.origin + v.path() }

func (v activityView) organizer() node {
	return node{"@type": "Organization", "name": v.Org, "url": v.origin + "/organisations/" + v.Activity.Org.String()}
}

func (v activityView) place(ctx context.Context, name string, lat, lon *float64) node {
	address := node{"@type": "PostalAddress", "addressLocality": v.Tree.FullName(lang(ctx), v.Division), "addressCountry": country(v.Division)}
	n := node{"@type": "Place", "address": address}
	if name != "" {
		n["name"] = name
	}
	if lat != nil {
		n["geo"] = node{"@type": "GeoCoordinates", "latitude": *lat, "longitude": *lon}
	}
	return n
}

// country is the code of ISO 3166 that addresses use.
func country(division string) string {
	switch {
	case strings.HasPrefix(division, "81"):
		return "HK"
	case strings.HasPrefix(division, "82"):
		return "MO"
	}
	return "CN"
}

// summary is the beginning of the content, on one line.
func (v activityView) summary() string {
	line := []rune(strings.Join(strings.Fields(v.Content), " "))
	if len(line) <= 120 {
		return string(line)
	}
	return string(line[:119]) + "…"
}
